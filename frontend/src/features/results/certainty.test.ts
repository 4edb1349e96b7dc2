import { expect, test } from 'vitest'
import { intervalOf, perChipInterval, perUserInterval } from './certainty'
import { plan } from './examples'

const sure = plan({ tpot_low: 10, tpot_high: 25, throughput_low: 640, throughput_high: 1280 })

test('an interval has both ends or is none', () => {
  expect(intervalOf(sure, 'tpot')).toEqual([10, 25])
  expect(intervalOf(plan(), 'tpot')).toBeUndefined()
  expect(intervalOf(plan({ ttft_low: 3, ttft_high: null }), 'ttft')).toBeUndefined()
})

test('an interval of zero width is one', () => {
  expect(intervalOf(plan({ ttft_low: 0, ttft_high: 0 }), 'ttft')).toEqual([0, 0])
})

test('64 chips share the throughput and its interval', () => {
  expect(perChipInterval(sure)).toEqual([10, 20])
  expect(perChipInterval(plan())).toBeUndefined()
})

test('a token every 10 to 25 ms is 40 to 100 tokens a second for one user', () => {
  expect(perUserInterval(sure)).toEqual([40, 100])
})
