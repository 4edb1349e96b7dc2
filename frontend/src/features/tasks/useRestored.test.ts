// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { newlyRestored } from './useRestored'

test('a running task is told of once, not at every load', () => {
  expect(newlyRestored(['a', 'b'])).toBe(2)
  expect(newlyRestored(['a', 'b'])).toBe(0)
  expect(newlyRestored(['b', 'c'])).toBe(1)
})
