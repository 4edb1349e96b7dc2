// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest'
import {
  addToTray,
  clearTray,
  forgetTask,
  mostInTray,
  removeFromTray,
  type TrayPlan,
} from './comparisonTray'

const plan = (task_id: string, rank = 1): TrayPlan => ({
  task_id,
  rank,
  title: 'TP8',
  experiment: 'one',
})
const kept = () =>
  (JSON.parse(localStorage.getItem('tier6.compare') ?? '[]') as TrayPlan[]).map(
    ({ task_id, rank }) => `${task_id}:${rank}`,
  )

beforeEach(clearTray)

test('plans are kept in the order they were added, each once', () => {
  for (const one of [plan('a'), plan('b', 2), plan('a')]) expect(addToTray(one)).toBe(true)
  expect(kept()).toEqual(['a:1', 'b:2'])
  removeFromTray(plan('a'))
  expect(kept()).toEqual(['b:2'])
})

test('a full tray takes no more, and says so', () => {
  for (let rank = 1; rank <= mostInTray; rank += 1) expect(addToTray(plan('a', rank))).toBe(true)
  expect(addToTray(plan('b'))).toBe(false)
  expect(addToTray(plan('a', 3))).toBe(true)
  expect(kept()).toHaveLength(mostInTray)
})

test('the plans of a deleted task leave', () => {
  for (const one of [plan('a', 1), plan('a', 2), plan('b')]) addToTray(one)
  forgetTask('a')
  expect(kept()).toEqual(['b:1'])
})
