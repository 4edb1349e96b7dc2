import { expect, test } from 'vitest'
import type { Plan } from '@/api/types'
import { movement } from './movement'

const plan = (change: Pick<Plan, 'ttft' | 'throughput' | 'chips'>) => change as Plan

const before = plan({ ttft: 100, throughput: 1000, chips: 8 })

test('a shorter latency is better, a lower throughput worse, fewer chips neither', () => {
  const now = plan({ ttft: 50, throughput: 900, chips: 4 })
  expect(movement(now, before, 'ttft')).toMatchObject({ percent: -50, verdict: 'better' })
  expect(movement(now, before, 'throughput').verdict).toBe('worse')
  expect(movement(now, before, 'chips').verdict).toBe('neutral')
})

test('without a reference nothing has moved', () => {
  expect(movement(before, undefined, 'ttft').percent).toBeNull()
  expect(movement(before, before, 'ttft').verdict).toBe('same')
})
