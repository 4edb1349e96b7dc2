import { expect, test } from 'vitest'
import { shortCount } from '@/shortCount'
import { milliseconds, perSecond, problemOf, quantityOf, typedValue } from './quantity'

test.each([
  ['4k', 4_096],
  ['4 K', 4_096],
  ['1.5M', 1_572_864],
  ['2万', 20_000],
  ['4,096', 4_096],
  [' 512 ', 512],
  ['1e3', 1_000],
  ['-5', -5],
])('%s is %d', (text, number) => {
  expect(quantityOf(text)).toBe(number)
})

test.each(['', 'k', '4x', '4m', '1,5', '1.2.3', 'many'])('"%s" is no number', (text) => {
  expect(quantityOf(text)).toBeUndefined()
})

test('a latency takes its unit, and no other', () => {
  expect(quantityOf('2 s', milliseconds)).toBe(2_000)
  expect(quantityOf('30ms', milliseconds)).toBe(30)
  expect(quantityOf('30', milliseconds)).toBe(30)
  expect(quantityOf('4k', milliseconds)).toBeUndefined()
})

test('of a rate k is 1,000', () => {
  expect(quantityOf('1.005k', perSecond)).toBe(1_005)
})

test('what is not understood stays as it was typed and is refused', () => {
  expect(typedValue('4x')).toBe('4x')
  expect(typedValue(' ')).toBeNull()
  expect(problemOf('4x', { min: 1 })).toBe('notANumber')
})

test('a value is neither clamped nor rounded into its bounds', () => {
  const count = { min: 1, max: 100, integer: true, required: true }
  expect(problemOf(0, count)).toBe('outOfBounds')
  expect(problemOf(101, count)).toBe('outOfBounds')
  expect(problemOf(4.5, count)).toBe('outOfBounds')
  expect(problemOf(null, count)).toBe('required')
  expect(problemOf(null, { min: 1 })).toBeUndefined()
  expect(problemOf(100, count)).toBeUndefined()
})

test('a count is short where that is exact', () => {
  const integer = (value: number) => value.toLocaleString('en')
  expect(shortCount(4096, integer)).toBe('4k')
  expect(shortCount(1536, integer)).toBe('1.5k')
  expect(shortCount(1.5 * 2 ** 20, integer)).toBe('1.5M')
  expect(shortCount(4000, integer)).toBe('4,000')
  expect(shortCount(512, integer)).toBe('512')
})
