import { expect, test } from 'vitest'
import { sinceMoment } from './since'

const now = new Date(2026, 10, 27, 15, 30)
const at = (month: number, day: number) => new Date(2026, month, day).toISOString()

test('today begins at midnight, a week and a month count today', () => {
  expect(sinceMoment('today', now)).toBe(at(10, 27))
  expect(sinceMoment('week', now)).toBe(at(10, 21))
  expect(sinceMoment('month', now)).toBe(at(9, 29))
})
