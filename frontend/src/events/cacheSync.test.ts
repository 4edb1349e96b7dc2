import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keys } from '@/api/queries'
import type { TaskEvent } from '@/api/types'
import { followEvents, gatherMs, lingerMs, pollMs, settleMs } from '@/events/cacheSync'
import type { ConnectionState } from '@/events/connection'
import { snapshot, update } from '@/events/examples'
import type { LiveTasks } from '@/events/liveTasks'

let client: QueryClient
let tell: (event: TaskEvent) => void
let become: (state: ConnectionState['state']) => void
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  client = new QueryClient()
  client.setQueryData(keys.live, [])
  let state: ConnectionState['state'] = 'open'
  let told: () => void = () => undefined
  become = (next) => {
    state = next
    told()
  }
  stop = followEvents(
    {
      state: () => ({ state, hindrance: null }),
      onState: (listener) => {
        told = listener
        return () => undefined
      },
      onEvent: (listener) => {
        tell = listener
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

/** Tells an event, and waits until it has its effect. */
function say(event: TaskEvent) {
  tell(event)
  vi.advanceTimersByTime(gatherMs)
}

const live = () => client.getQueryData<LiveTasks>(keys.live) ?? []
const isOutdated = (key: readonly unknown[]) => client.getQueryState(key)?.isInvalidated

test('a finished task stays for three seconds, then leaves', () => {
  say(update())
  tell(update({ status: 'completed', progress: 100, sequence: 2 }))
  vi.advanceTimersByTime(lingerMs - 1)
  expect(live().map(({ status }) => status)).toEqual(['completed'])
  vi.advanceTimersByTime(1)
  expect(live()).toEqual([])
})

test('a failed task stays', () => {
  say(update())
  say(update({ status: 'failed', error: 'Why', sequence: 2 }))
  vi.advanceTimersByTime(100 * lingerMs)
  expect(live()).toMatchObject([{ status: 'failed', error: 'Why' }])
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
  become('reconnecting')
  become('open')
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

/** A question on the screen: how often it was asked, and how to answer it. */
function watch(queryKey: readonly unknown[]) {
  const answers: ((value: unknown) => void)[] = []
  const queryFn = () => new Promise((answer) => answers.push(answer))
  const leave = new QueryObserver(client, { queryKey, queryFn, staleTime: Infinity }).subscribe(
    () => undefined,
  )
  const answer = async (value: unknown) => {
    answers.at(-1)?.(value)
    await vi.advanceTimersByTimeAsync(settleMs)
  }
  return { answer, leave, asked: () => answers.length }
}

test('nothing is asked by the clock while events come, and again and again while none do', async () => {
  const tasks = watch(keys.tasks)
  await tasks.answer({ pages: [], pageParams: [] })
  await vi.advanceTimersByTimeAsync(10 * pollMs)
  expect(tasks.asked()).toBe(1)
  become('reconnecting')
  await vi.advanceTimersByTimeAsync(pollMs + settleMs)
  await tasks.answer({ pages: [], pageParams: [] })
  await vi.advanceTimersByTimeAsync(pollMs)
  await tasks.answer({ pages: [], pageParams: [] })
  expect(tasks.asked()).toBe(3)
  become('open')
  await vi.advanceTimersByTimeAsync(10 * pollMs)
  expect(tasks.asked()).toBe(3)
  tasks.leave()
})

test('an event while the first answer is under way makes it be asked for once more', async () => {
  const task = watch(keys.task('a'))
  say(update({ status: 'running' }))
  await vi.advanceTimersByTimeAsync(settleMs)
  expect(task.asked()).toBe(1)
  await task.answer({ task_id: 'a', status: 'pending' })
  await vi.advanceTimersByTimeAsync(settleMs)
  expect(task.asked()).toBe(2)
  task.leave()
})

test('a hundred tasks that end at once are one question', async () => {
  const tasks = watch(keys.tasks)
  await tasks.answer({ pages: [], pageParams: [] })
  for (let sequence = 1; sequence <= 100; sequence += 1) {
    tell(update({ task_id: String(sequence), status: 'completed', sequence }))
  }
  await vi.advanceTimersByTimeAsync(gatherMs + settleMs)
  expect(tasks.asked()).toBe(2)
  tasks.leave()
})

test('events that come together are one change of the live tasks and of the lists', () => {
  const filter = [...keys.tasks, {}]
  const tasks = [{ task_id: 'a' }, { task_id: 'b' }, { task_id: 'c' }]
  client.setQueryData(filter, { pages: [{ tasks, total: 3 }], pageParams: [undefined] })
  let changes = 0
  client.getQueryCache().subscribe(({ type }) => {
    if (type === 'updated') changes += 1
  })
  for (const [place, task_id] of ['a', 'b', 'a', 'b'].entries()) {
    tell(update({ task_id, progress: place, sequence: place + 1 }))
  }
  const afterFirst = changes
  vi.advanceTimersByTime(gatherMs)
  expect(live().map(({ progress }) => progress)).toEqual([2, 3])
  expect(changes - afterFirst).toBeLessThanOrEqual(afterFirst + 2)
  const pages = client.getQueryData<{ pages: { tasks: object[] }[] }>(filter)?.pages
  expect(pages?.[0]?.tasks).toMatchObject([{ progress: 2 }, { progress: 3 }, {}])
  expect(pages?.[0]?.tasks[2]).toBe(tasks[2])
})

test('a better plan makes the best plans so far be asked for', () => {
  client.setQueryData(keys.results('a'), { partial: true })
  say(update())
  expect(isOutdated(keys.results('a'))).toBe(false)
  const best = { parallelism: {}, chips: 8, value: 3, objective: 'throughput' as const }
  say(update({ best_so_far: best as never, sequence: 2 }))
  expect(isOutdated(keys.results('a'))).toBe(true)
})

test('a snapshot with an unknown task asks for its times', () => {
  say(snapshot({ task_id: 'new' }))
  expect(isOutdated(keys.live)).toBe(true)
})
