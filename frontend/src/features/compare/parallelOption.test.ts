import { expect, test } from 'vitest'
import type { ComparedMetric } from '@/api/types'
import { colorsOf } from '@/theme'
import { axesOf, parallelOption } from './parallelOption'

const metric = (
  name: string,
  better: ComparedMetric['better'],
  values: (number | null)[],
): ComparedMetric => ({
  name,
  better,
  values,
  unit: 'ms',
  differences: [],
  ratios: [],
  intervals: [],
})
const throughput = metric('throughput', 'higher', [10, 20])
const ttft = metric('ttft', 'lower', [300, 200])

test('only figures that all plans have, and that differ, are axes', () => {
  const chips = metric('chips', 'lower', [8, 8])
  const transfer = metric('kv_transfer', 'lower', [null, 1])
  expect(axesOf([throughput, chips, ttft, transfer])).toEqual([throughput, ttft])
})

test('the good end of each axis is on top, and names stay text', () => {
  const option = parallelOption([throughput, ttft], 0, colorsOf.light, {
    metric: ({ name }) => name,
    value: (_, value) => String(value),
    plans: ['1 TP8', '<img>'],
  }) as unknown as {
    parallelAxis: { inverse: boolean }[]
    series: { data: number[][]; tooltip: { formatter: () => string } }[]
  }
  expect(option.parallelAxis.map(({ inverse }) => inverse)).toEqual([false, true])
  expect(option.series.map(({ data }) => data)).toEqual([[[10, 300]], [[20, 200]]])
  expect(option.series[1]?.tooltip.formatter()).not.toContain('<img>')
})
