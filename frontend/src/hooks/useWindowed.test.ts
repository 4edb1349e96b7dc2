import { expect, test } from 'vitest'
import { scrollTopFor, windowOf } from '@/hooks/useWindowed'

test('few rows are all shown', () => {
  expect(windowOf({ top: 0, height: 100 }, 24, 36)).toEqual({ first: 0, last: 23 })
})

test('of many rows those in sight are shown, and some on either side', () => {
  const { first, last } = windowOf({ top: 3600, height: 720 }, 10_000, 36)
  expect(first).toBe(96)
  expect(last).toBe(124)
  expect(windowOf({ top: 360_000, height: 720 }, 500, 36)).toEqual({ first: 499, last: 499 })
})

test('a row in sight needs no scrolling, one beyond an edge the least', () => {
  expect(scrollTopFor({ top: 0, height: 720 }, 3, 36)).toBe(0)
  expect(scrollTopFor({ top: 720, height: 720 }, 3, 36)).toBe(108)
  expect(scrollTopFor({ top: 0, height: 720 }, 30, 36)).toBe(468)
})
