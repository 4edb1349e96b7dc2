// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { expect, test } from 'vitest'
import type { TaskEvent } from '@/api/types'
import type { ConnectionState, TaskConnection } from '@/events/connection'
import { snapshot, update } from '@/events/examples'
import { TaskEventsProvider } from '@/events/TaskEventsProvider'
import { tellListeners, useTaskWebSocket } from '@/hooks/useTaskWebSocket'

/** A connection that says what a test tells it to. */
function scriptedConnection() {
  const listeners = new Set<(event: TaskEvent) => void>()
  const watchers = new Set<() => void>()
  let state: ConnectionState = { state: 'open', hindrance: null }
  const join =
    <T,>(all: Set<T>) =>
    (member: T) => {
      all.add(member)
      return () => {
        all.delete(member)
      }
    }
  const connection: TaskConnection = {
    state: () => state,
    onEvent: join(listeners),
    onState: join(watchers),
    reconnect: () => undefined,
    close: () => undefined,
  }
  return {
    connection,
    listeners,
    say: (event: TaskEvent) => {
      for (const listener of listeners) listener(event)
    },
    become: (next: ConnectionState) => {
      state = next
      for (const watcher of watchers) watcher()
    },
  }
}

function wrapperOf(connection: TaskConnection) {
  const client = new QueryClient()
  return ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>
      <TaskEventsProvider connection={connection}>{children}</TaskEventsProvider>
    </QueryClientProvider>
  )
}

test('each event reaches its own listener', () => {
  const heard: string[] = []
  const listeners = {
    onTaskUpdate: () => heard.push('update'),
    onSnapshot: () => heard.push('snapshot'),
    onTaskDeleted: () => heard.push('deleted'),
  }
  const deleted = { type: 'task_deleted', task_id: 'a', experiment_name: 'x', sequence: 1 } as const
  for (const event of [update(), snapshot(), deleted]) tellListeners(event, listeners)
  expect(heard).toEqual(['update', 'snapshot', 'deleted'])
})

test('the newest listener is told, through one subscription that ends with the component', () => {
  const { connection, listeners, say } = scriptedConnection()
  const heard: string[] = []
  const { rerender, unmount } = renderHook(
    ({ name }) => useTaskWebSocket({ onTaskUpdate: () => heard.push(name) }),
    { wrapper: wrapperOf(connection), initialProps: { name: 'first' } },
  )
  const subscriptions = listeners.size
  rerender({ name: 'second' })
  act(() => say(update()))
  expect(heard).toEqual(['second'])
  expect(listeners.size).toBe(subscriptions)
  unmount()
  expect(listeners.size).toBe(0)
})

test('the state of the connection is shown as it changes', () => {
  const { connection, become } = scriptedConnection()
  const { result } = renderHook(() => useTaskWebSocket(), { wrapper: wrapperOf(connection) })
  expect(result.current.state).toBe('open')
  act(() => become({ state: 'reconnecting', hindrance: null }))
  expect(result.current.state).toBe('reconnecting')
})
