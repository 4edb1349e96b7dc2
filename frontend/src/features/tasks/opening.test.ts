import { expect, test } from 'vitest'
import { openingOf } from './opening'

const best = {} as never

test('a task opens to its end, or to the best plans so far while it runs and has some', () => {
  expect(openingOf({ status: 'completed', best_so_far: null })).toBe('end')
  expect(openingOf({ status: 'failed', best_so_far: null })).toBe('end')
  expect(openingOf({ status: 'running', best_so_far: best })).toBe('soFar')
  expect(openingOf({ status: 'running', best_so_far: null })).toBeNull()
  expect(openingOf({ status: 'pending', best_so_far: null })).toBeNull()
  expect(openingOf({ status: 'cancelled', best_so_far: best })).toBeNull()
})
