import { expect, test } from 'vitest'
import { bestOf } from './metrics'

test('the best value is the highest or the lowest, as the metric says', () => {
  expect(bestOf({ values: [3, 5, null, 5], better: 'higher' })).toEqual([1, 3])
  expect(bestOf({ values: [3, 5, null], better: 'lower' })).toEqual([0])
})

test('where all are the same none is the best', () => {
  expect(bestOf({ values: [2, null, 2], better: 'lower' })).toEqual([])
  expect(bestOf({ values: [null], better: 'lower' })).toEqual([])
})
