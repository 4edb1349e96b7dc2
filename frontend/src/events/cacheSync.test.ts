import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keys } from '@/api/queries'
import type { TaskEvent } from '@/api/types'
import { followEvents, lingerMs } from '@/events/cacheSync'
import { snapshot, update } from '@/events/examples'
import type { LiveTasks } from '@/events/liveTasks'

let client: QueryClient
let say: (event: TaskEvent) => void
let reconnect: () => void
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  client = new QueryClient()
  client.setQueryData(keys.live, [])
  stop = followEvents(
    {
      state: () => 'open',
      onState: () => () => undefined,
      onEvent: (listener) => {
        say = listener
        return () => undefined
      },
      onReconnect: (listener) => {
        reconnect = listener
        return () => undefined
      },
      close: () => undefined,
    },
    client,
  )
})

afterEach(() => {
  stop()
  vi.useRealTimers()
})

const live = () => client.getQueryData<LiveTasks>(keys.live) ?? []
const isOutdated = (key: readonly unknown[]) => client.getQueryState(key)?.isInvalidated

test('a finished task stays for three seconds, then leaves', () => {
  say(update())
  say(update({ status: 'completed', progress: 100, sequence: 2 }))
  vi.advanceTimersByTime(lingerMs - 1)
  expect(live().map(({ status }) => status)).toEqual(['completed'])
  vi.advanceTimersByTime(1)
  expect(live()).toEqual([])
})

test('the history follows the progress without being fetched again', () => {
  const filter = [...keys.tasks, {}]
  say(update())
  client.setQueryData(filter, {
    tasks: [{ task_id: 'a', progress: 10, experiment_id: 7 }],
    total: 1,
  })
  say(update({ progress: 64, sequence: 2 }))
  expect(client.getQueryData(filter)).toMatchObject({ tasks: [{ progress: 64, experiment_id: 7 }] })
  expect(isOutdated(filter)).toBe(false)
})

test('a change of status outdates the history, the experiments and the task itself', () => {
  say(update())
  for (const key of [keys.tasks, keys.experiments, keys.task('a'), keys.results('a')]) {
    client.setQueryData(key, { tasks: [], total: 0 })
  }
  say(update({ status: 'completed', sequence: 2 }))
  for (const key of [keys.tasks, keys.experiments, keys.task('a'), keys.results('a')]) {
    expect(isOutdated(key)).toBe(true)
  }
})

test('after a reconnection everything is fetched again', () => {
  client.setQueryData(keys.task('a'), {})
  reconnect()
  expect(isOutdated(keys.task('a'))).toBe(true)
})

test('a snapshot with an unknown task asks for its times', () => {
  say(snapshot({ task_id: 'new' }))
  expect(isOutdated(keys.live)).toBe(true)
})
