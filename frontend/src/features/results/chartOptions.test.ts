import { expect, test } from 'vitest'
import { operatorsByTime } from '@/charts/kinds'
import { escapeHtml } from '@/charts/options'
import { timeBarsOption } from '@/charts/timeBars'
import { scatterOption } from './chartOptions'
import { plan } from './examples'

const palette = {
  compute: '#1',
  memory: '#2',
  communication: '#3',
  overhead: '#4',
  waiting: '#5',
  accent: '#6',
  text: '#7',
  muted: '#8',
  line: '#9',
  surface: '#0',
}

test('operators that take no time are left out', () => {
  expect(operatorsByTime(plan().latency.decode).map(({ name }) => name)).toEqual(['attention'])
})

test('a bar’s parts add up to the operator’s time', () => {
  const operators = operatorsByTime(plan().latency.prefill)
  const texts = { row: String, kind: String, ms: String }
  const { series } = timeBarsOption(operators, palette, texts) as { series: { data: number[] }[] }
  expect(series.reduce((sum, { data }) => sum + (data[0] ?? 0), 0)).toBe(400)
})

test('a point lies at what the axis says', () => {
  const texts = { horizontal: 'x', vertical: 'y', figure: String, describe: () => '' }
  const at = (axis: 'user' | 'tpot') => {
    const option = scatterOption([plan()], undefined, axis, palette, texts)
    return (option as { series: { data: { value: number[] }[] }[] }).series[0]?.data[0]?.value
  }
  expect(at('tpot')).toEqual([20, 1_000])
  expect(at('user')).toEqual([50, 1_000])
})

test('error bars of the selected plan span its intervals', () => {
  const texts = { horizontal: 'x', vertical: 'y', figure: String, describe: () => '' }
  const interval = { tpot_low: 10, tpot_high: 25, throughput_low: 32_000, throughput_high: 96_000 }
  const sure = plan(interval)
  const bars = (selected: typeof sure | undefined, axis: 'user' | 'tpot') => {
    const option = scatterOption([sure], selected, axis, palette, texts)
    return (option as { series: { data: unknown[] }[] }).series.slice(1).map(({ data }) => data)
  }
  expect(bars(sure, 'tpot')).toEqual([
    [
      [10, 1_000],
      [25, 1_000],
    ],
    [
      [20, 500],
      [20, 1_500],
    ],
  ])
  expect(bars(sure, 'user')[0]).toEqual([
    [40, 1_000],
    [100, 1_000],
  ])
  expect(bars(plan(), 'tpot')).toEqual([])
  expect(bars(undefined, 'tpot')).toEqual([])
})

test('text from elsewhere never becomes markup', () => {
  expect(escapeHtml('<img onerror="x">')).toBe('&#60;img onerror=&#34;x&#34;&#62;')
})
