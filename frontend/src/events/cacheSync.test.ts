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
      reconnect: () => undefined,
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
    pages: [{ tasks: [{ task_id: 'a', progress: 10, experiment_id: 7 }], total: 1 }],
    pageParams: [undefined],
  })
  say(update({ progress: 64, sequence: 2 }))
  expect(client.getQueryData(filter)).toMatchObject({
    pages: [{ tasks: [{ progress: 64, experiment_id: 7 }] }],
  })
  expect(isOutdated(filter)).toBe(false)
})

test('a change of status outdates the history, the experiments and the task itself', () => {
  say(update())
  for (const key of [keys.experiments, keys.task('a'), keys.results('a')]) {
    client.setQueryData(key, {})
  }
  client.setQueryData(keys.tasks, { pages: [], pageParams: [] })
  say(update({ status: 'completed', sequence: 2 }))
  for (const key of [keys.tasks, keys.experiments, keys.task('a'), keys.results('a')]) {
    expect(isOutdated(key)).toBe(true)
  }
})

test('after a reconnection only what had failed is fetched again', async () => {
  client.setQueryData(keys.task('a'), {})
  const queryFn = () => Promise.reject(new Error('The service does not answer.'))
  await client.prefetchQuery({ queryKey: keys.task('b'), queryFn, retry: false })
  reconnect()
  expect(isOutdated(keys.task('a'))).toBe(false)
  expect(isOutdated(keys.task('b'))).toBe(true)
})

test('a snapshot after a gap that can not be told outdates all that is about tasks', () => {
  const all = [keys.task('a'), keys.results('a'), keys.experiments, keys.queue, keys.live]
  for (const key of all) client.setQueryData(key, [])
  say(snapshot())
  expect(all.some(isOutdated)).toBe(false)
  say({ ...snapshot(), resync: true })
  expect(all.every(isOutdated)).toBe(true)
})

test('heartbeats and errors change nothing', () => {
  client.setQueryData(keys.task('a'), {})
  say({ type: 'heartbeat', sequence: 9 })
  say({ type: 'error', message: 'Not understood.' })
  expect(isOutdated(keys.task('a'))).toBe(false)
})

test('a snapshot with an unknown task asks for its times', () => {
  say(snapshot({ task_id: 'new' }))
  expect(isOutdated(keys.live)).toBe(true)
})
