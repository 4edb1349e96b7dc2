import { useEffect, useEffectEvent, useSyncExternalStore } from 'react'
import type { TaskEvent } from '@/api/types'
import { assertNever } from '@/assertNever'
import type { ConnectionState } from '@/events/connection'
import { useTaskConnection } from '@/events/TaskEventsProvider'

type EventOf<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }>

export interface TaskListeners {
  onTaskUpdate?: (update: EventOf<'task_update'>) => void
  onSnapshot?: (snapshot: EventOf<'snapshot'>) => void
  onTaskDeleted?: (deleted: EventOf<'task_deleted'>) => void
}

export function tellListeners(event: TaskEvent, listeners: TaskListeners): void {
  switch (event.type) {
    case 'task_update':
      listeners.onTaskUpdate?.(event)
      break
    case 'snapshot':
      listeners.onSnapshot?.(event)
      break
    case 'task_deleted':
      listeners.onTaskDeleted?.(event)
      break
    case 'heartbeat':
    case 'error':
      break
    default:
      assertNever(event)
  }
}

/** Subscribes to the application's one task connection; every caller shares it. */
export function useTaskWebSocket(listeners: TaskListeners = {}): ConnectionState {
  const connection = useTaskConnection()
  const state = useSyncExternalStore(connection.onState, connection.state)
  const tell = useEffectEvent((event: TaskEvent) => tellListeners(event, listeners))
  useEffect(() => connection.onEvent((event) => tell(event)), [connection])
  return state
}
