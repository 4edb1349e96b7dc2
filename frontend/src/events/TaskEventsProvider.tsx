import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect } from 'react'
import { followEvents } from '@/events/cacheSync'
import type { TaskConnection } from '@/events/connection'

const TaskEvents = createContext<TaskConnection | null>(null)

/** Shares the application's one connection and lets the query cache follow it. */
export function TaskEventsProvider(props: { connection: TaskConnection; children: ReactNode }) {
  const { connection, children } = props
  const client = useQueryClient()
  useEffect(() => followEvents(connection, client), [connection, client])
  return <TaskEvents value={connection}>{children}</TaskEvents>
}

export function useTaskConnection(): TaskConnection {
  const connection = useContext(TaskEvents)
  if (connection === null) throw new Error('useTaskConnection needs a TaskEventsProvider above it.')
  return connection
}
