import { expect, test } from 'vitest'
import { dayText, periodOf, sinceMoment } from './since'

const now = new Date(2026, 10, 27, 15, 30)
const at = (month: number, day: number) => new Date(2026, month, day).toISOString()

test('today begins at midnight, a week and a month count today', () => {
  expect(sinceMoment('today', now)).toBe(at(10, 27))
  expect(sinceMoment('week', now)).toBe(at(10, 21))
  expect(sinceMoment('month', now)).toBe(at(9, 29))
})

test('a range of days has its first and its last day, and is passed over beside today', () => {
  const range = { from: '2026-11-03', to: '2026-11-30' }
  expect(periodOf(range, now)).toEqual({
    created_after: at(10, 3),
    created_before: at(11, 1),
  })
  expect(periodOf({ to: '2026-11-30' }, now).created_after).toBeUndefined()
  expect(periodOf({ ...range, since: 'today' }, now)).toEqual({ created_after: at(10, 27) })
  expect(dayText(now)).toBe('2026-11-27')
})
