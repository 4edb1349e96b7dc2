import { expect, test } from 'vitest'
import { windowOf } from './rowWindow'

test('of many rows only those in sight are drawn', () => {
  expect(windowOf(3000, 300, 30, 10_000)).toEqual({ first: 92, last: 118 })
  expect(windowOf(0, 300, 30, 4)).toEqual({ first: 0, last: 4 })
  expect(windowOf(90_000, 300, 30, 4)).toEqual({ first: 0, last: 4 })
})
