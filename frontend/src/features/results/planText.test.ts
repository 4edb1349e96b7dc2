import { expect, test } from 'vitest'
import { plan } from './examples'
import {
  compactPlan,
  nextSorting,
  planKey,
  planTitle,
  selectedPlan,
  sortedPlans,
  tokensPerSecondOfUser,
} from './planText'

const alone = { dp: 1, tp: 1, pp: 1, ep: 1, sp: 1, moe_tp: 1, dcp: 1 }

test('degrees of one are left out of a plan’s name', () => {
  expect(compactPlan({ ...alone, dp: 8, tp: 8, ep: 64 })).toBe('TP8 · DP8 · EP64')
  expect(compactPlan({ ...alone, pp: 2, sp: 2, moe_tp: 4 })).toBe('PP2 · SP2 · MoE-TP4')
  expect(compactPlan({ ...alone, tp: 8, dcp: 8 })).toBe('TP8 · DCP8')
  expect(compactPlan(alone)).toBe('TP1')
})

const pool = (instances: number, change: object) => ({
  parallelism: { ...alone, ...change },
  instances,
  chips_per_instance: 4,
  chips: 4 * instances,
  batch: 1,
  rate: 1,
  time_ms: 1,
  utilization: 0.5,
  memory: plan().memory,
})
const pools = (prefills: number) => ({
  prefill: pool(prefills, { tp: 4 }),
  decode: pool(2, { dp: 4, ep: 4 }),
})

test('a plan of two pools names the instances and the degrees of both', () => {
  expect(planTitle(plan({ pools: pools(1) }))).toBe('1P TP4 + 2D DP4 · EP4')
  expect(planTitle(plan())).toBe('TP8 · DP8 · EP64')
})

test('plans that differ in a pool only are different plans', () => {
  expect(planKey(plan({ pools: pools(1) }))).not.toBe(planKey(plan({ pools: pools(2) })))
})

const plans = [
  plan({ rank: 1, ttft: 300 }),
  plan({ rank: 2, ttft: 100 }),
  plan({ rank: 3, ttft: 300 }),
]
const ranks = (column: 'ttft' | 'rank', descending: boolean) =>
  sortedPlans(plans, column, descending).map(({ rank }) => rank)

test('equal values keep the order of their ranks both ways', () => {
  expect(ranks('ttft', false)).toEqual([2, 1, 3])
  expect(ranks('ttft', true)).toEqual([1, 3, 2])
})

test('a first click shows the good end of a column, a second one the other', () => {
  const byRank = { column: 'rank', descending: false } as const
  expect(nextSorting(byRank, 'throughput')).toEqual({ column: 'throughput', descending: true })
  expect(nextSorting(byRank, 'ttft')).toEqual({ column: 'ttft', descending: false })
  expect(nextSorting(byRank, 'rank')).toEqual({ column: 'rank', descending: true })
})

test('a rank that is not there selects the winner', () => {
  expect(selectedPlan(plans, 2)?.rank).toBe(2)
  expect(selectedPlan(plans, 99)?.rank).toBe(1)
  expect(selectedPlan([], 1)).toBeUndefined()
})

test('a token every 20 ms is 50 tokens a second for one user', () => {
  expect(tokensPerSecondOfUser({ tpot: 20 })).toBe(50)
})
