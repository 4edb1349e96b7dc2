import { expect, test } from 'vitest'
import { stepped } from './useKeyboardRow'

const rows = ['a', 'b', 'c'].map((task_id) => ({ task_id }))

test('from nowhere the first row, then one after the other, and no further than the ends', () => {
  expect(stepped(rows, undefined, 1)).toBe('a')
  expect(stepped(rows, 'a', 1)).toBe('b')
  expect(stepped(rows, 'c', 1)).toBe('c')
  expect(stepped(rows, 'a', -1)).toBe('a')
  expect(stepped([], 'a', 1)).toBeUndefined()
})
