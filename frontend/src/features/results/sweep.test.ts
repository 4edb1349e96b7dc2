import { expect, test } from 'vitest'
import { formatsFor } from '@/i18n/format'
import { sweepPoint, sweepTable, testPalette } from './examples'
import { isBest, metricOf, placeOf } from './sweep'
import { sweepOption } from './sweepOption'

const texts = {
  metric: 'TPOT',
  figure: formatsFor('en').figure,
  describe: () => '',
  feasible: 'feasible',
  infeasible: 'infeasible',
  best: 'best',
}

test('a point says where it lies and whether it is the best', () => {
  const sweep = sweepTable([[sweepPoint({ index: [0] }), sweepPoint({ index: [1] })]])
  expect(placeOf(sweep, sweepPoint({ index: [1] }))).toBe('chip.memory_bandwidth 4 TB/s')
  expect(isBest(sweep, sweepPoint({ index: [1] }))).toBe(true)
  expect(isBest(sweep, sweepPoint({ index: [0] }))).toBe(false)
})

test('a cost that nobody knows is no figure', () => {
  expect(metricOf(sweepPoint({ usd_per_million_output_tokens: null }), 'cost')).toBeNull()
})

test('on one axis infeasible points are no part of the line, yet are drawn', () => {
  const points = [
    sweepPoint({ index: [0], feasible: false, tpot: 9 }),
    sweepPoint({ index: [1], tpot: 5 }),
  ]
  const option = sweepOption(sweepTable([points]), 'tpot', testPalette, texts)
  const { series } = option as { series: { type: string; data: unknown[] }[] }
  expect(series.map(({ type }) => type)).toEqual(['line', 'scatter'])
  expect(series[0]?.data).toMatchObject([{ value: null }, { value: 5 }])
  expect(series[1]?.data).toEqual([9, null])
})

test('on two axes infeasible points keep out of the colours', () => {
  const rows = [
    [sweepPoint({ index: [0, 0], tpot: 3 }), sweepPoint({ index: [0, 1], tpot: 5 })],
    [sweepPoint({ index: [1, 0], tpot: 4 }), sweepPoint({ index: [1, 1], feasible: false })],
  ]
  const option = sweepOption(sweepTable(rows), 'tpot', testPalette, texts)
  const { series, visualMap } = option as {
    series: { data: unknown[] }[]
    visualMap: { min: number; max: number }
  }
  expect(visualMap).toMatchObject({ min: 3, max: 5 })
  expect(series[0]?.data[1]).toEqual({ value: [1, 0, 5] })
  expect(series[0]?.data[3]).toMatchObject({ visualMap: false })
})
