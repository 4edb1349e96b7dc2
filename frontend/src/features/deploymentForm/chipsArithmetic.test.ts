import { expect, test } from 'vitest'
import { chipsUsed, divisors, expertGroup, isCompleteParallelism } from './chipsArithmetic'

const plan = { dp: 8, tp: 4, pp: 2, ep: 16, sp: 1, moe_tp: 1, dcp: 1 }

test('experts take no chips of their own', () => {
  expect(chipsUsed(plan)).toBe(64)
  expect(chipsUsed({ ...plan, ep: 1 })).toBe(64)
})

test('divisors come in order', () => {
  expect(divisors(12)).toEqual([1, 2, 3, 4, 6, 12])
})

test('moe_tp × ep = tp × sp × attention dp decides whether experts fit the ranks', () => {
  expect(expertGroup(plan)).toEqual({ group: 16, possible: [4, 8, 16, 32], attentionDp: 4 })
  expect(expertGroup({ ...plan, ep: 12 }).attentionDp).toBeNull()
  expect(expertGroup({ ...plan, ep: 2, moe_tp: 2 }).attentionDp).toBe(1)
})

test('a plan is complete when every degree is a whole number of at least 1', () => {
  expect(isCompleteParallelism(plan)).toBe(true)
  expect(isCompleteParallelism({ ...plan, dp: null })).toBe(false)
  expect(isCompleteParallelism({ ...plan, dp: 0 })).toBe(false)
  expect(isCompleteParallelism(undefined)).toBe(false)
})
