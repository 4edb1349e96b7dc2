import { expect, test } from 'vitest'
import { bestOf, deltaOf, isSame } from './metrics'

test('the best value is the highest or the lowest, as the metric says', () => {
  expect(bestOf({ values: [3, 5, null, 5], better: 'higher' })).toEqual([1, 3])
  expect(bestOf({ values: [3, 5, null], better: 'lower' })).toEqual([0])
})

test('where all are the same none is the best', () => {
  expect(bestOf({ values: [2, null, 2], better: 'lower' })).toEqual([])
  expect(bestOf({ values: [null], better: 'lower' })).toEqual([])
})

test('a difference from the baseline is good or bad as the metric says', () => {
  const ttft = { values: [200, 100, null], better: 'lower' } as const
  expect(deltaOf(ttft, 0, 1)).toEqual({ share: -0.5, isBetter: true })
  expect(deltaOf(ttft, 1, 0)).toEqual({ share: 1, isBetter: false })
  expect(deltaOf(ttft, 0, 0)).toBeUndefined()
  expect(deltaOf(ttft, 0, 2)).toBeUndefined()
  expect(deltaOf({ values: [0, 3], better: 'higher' }, 0, 1)).toBeUndefined()
  expect(deltaOf({ values: [3, 3], better: 'higher' }, 0, 1)?.isBetter).toBeUndefined()
})

test('a figure is the same only where every plan has it', () => {
  expect(isSame({ values: [8, 8] })).toBe(true)
  expect(isSame({ values: [8, null] })).toBe(false)
  expect(isSame({ values: [null, null] })).toBe(false)
})
