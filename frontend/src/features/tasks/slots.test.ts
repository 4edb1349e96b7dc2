import { expect, test } from 'vitest'
import type { TaskState } from '@/api/types'
import { liveTask } from '@/events/examples'
import { placed, waitingOutside } from './slots'

const tasks = (states: Record<string, TaskState>) =>
  Object.entries(states).map(([task_id, status]) => liveTask({ task_id, status }))

test('a task keeps its place when those before it leave', () => {
  const slots = placed([], tasks({ a: 'running', b: 'running', c: 'running' }))
  expect(slots).toEqual(['a', 'b', 'c', null])
  expect(placed(slots, tasks({ c: 'running' }))).toEqual([null, null, 'c', null])
})

test('who waits has a free place until one that runs needs it', () => {
  const waiting = tasks({ a: 'running', b: 'pending' })
  const slots = placed([], waiting)
  expect(slots).toEqual(['a', 'b', null, null])
  const many = tasks({ a: 'running', b: 'pending', c: 'running', d: 'running', e: 'running' })
  const later = placed(slots, many)
  expect(later).toEqual(['a', 'e', 'c', 'd'])
  expect(waitingOutside(later, many)).toBe(1)
})

test('an ended task makes room, a failed one stays', () => {
  const slots = placed([], tasks({ a: 'running', b: 'running', c: 'running', d: 'running' }))
  const then = tasks({ a: 'completed', b: 'failed', c: 'running', d: 'running', e: 'running' })
  expect(placed(slots, then)).toEqual(['e', 'b', 'c', 'd'])
})

test('there are more places only while more tasks run', () => {
  const five = tasks({ a: 'running', b: 'running', c: 'running', d: 'running', e: 'running' })
  const slots = placed([], five)
  expect(slots).toHaveLength(5)
  expect(placed(slots, tasks({ a: 'running' }))).toEqual(['a', null, null, null])
})
