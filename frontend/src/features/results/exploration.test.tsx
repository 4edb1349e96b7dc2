// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react'
import { beforeAll, expect, test } from 'vitest'
import { formatsFor } from '@/i18n/format'
import { startI18n } from '@/i18n/i18n'
import { BestOfServing } from './BestOfServing'
import { effect, plan, testPalette, tradeOff } from './examples'
import { frontOption } from './frontOption'
import { PlanEconomics } from './PlanEconomics'
import { PlanSensitivity } from './PlanSensitivity'
import { sensitivityOption, shownEffects } from './sensitivityOption'
import { TradeOffFront } from './TradeOffFront'

beforeAll(async () => {
  await startI18n('en')
})

const economics = {
  usd_per_hour: 12.8,
  usd_per_million_output_tokens: 0.0697,
  usd_per_million_tokens: null,
  watts: 1271,
  chip_watts: 578,
  joules_per_token: 0.2,
  break_even: null,
  missing: ['Give hardware.tdp.'],
  assumptions: [{ field: 'economics.pue', value: 1.3, source: 'a survey' }],
}

test('costs come with their assumptions, and what is unknown says what to give', () => {
  render(<PlanEconomics economics={economics} />)
  expect(screen.getByText('$12.80')).toBeDefined()
  expect(screen.getByText('$0.0697')).toBeDefined()
  expect(screen.getByText('Give hardware.tdp.')).toBeDefined()
  expect(screen.getByText('a survey')).toBeDefined()
})

test('all matrix units together are not said twice', () => {
  const all = effect({ figure: 'hardware.peak_flops' })
  const [bf16, fp8] = ['bf16', 'fp8'].map((unit) => effect({ figure: `${all.figure}.${unit}` }))
  if (bf16 === undefined || fp8 === undefined) throw new Error('no units')
  expect(shownEffects([all, bf16])).toEqual([all])
  expect(shownEffects([all, bf16, fp8])).toHaveLength(3)
})

test('bars are written on the side they point to', () => {
  const texts = { figure: String, metric: String, change: formatsFor('en').percentChange }
  const option = sensitivityOption([effect()], testPalette, texts)
  const { series } = option as { series: { data: unknown[] }[] }
  expect(series.map(({ data }) => data[0])).toEqual([
    { value: 0.5, label: { position: 'right' } },
    { value: -0.5, label: { position: 'left' } },
    { value: -0.4, label: { position: 'left' } },
  ])
})

test('what depends most on what is said, and the bars have their table', () => {
  const bottleneck = { figure: 'hardware.memory_bandwidth', effect: 0.5, sentence: '' }
  const memory = {
    headroom_gb: 63,
    usable_gb: 127,
    max_batch_size: 630,
    max_batch_size_with_one_percent_more: 637,
  }
  const sensitivity = {
    effects: [effect({ figure: 'topology.links.c2c.latency', unit: 's', value: 2e-6 })],
    bottleneck: { throughput: bottleneck, ttft: bottleneck, tpot: bottleneck },
    memory,
  }
  render(<PlanSensitivity sensitivity={sensitivity} />)
  expect(screen.getByText(/^Throughput depends most on memory bandwidth/)).toBeDefined()
  expect(screen.getByText(/at most 630 requests/)).toBeDefined()
  fireEvent.click(screen.getByText('Table'))
  expect(screen.getByRole('cell', { name: 'chip-to-chip latency' })).toBeDefined()
})

test('the front is drawn by the second objective and the first, a series for each serving', () => {
  const points = [tradeOff(), tradeOff({ serving: 'disaggregated', tpot: 5 })]
  const texts = { objective: String, serving: String, figure: String, describe: () => '' }
  const option = frontOption(points, ['throughput_per_chip', 'tpot'], testPalette, texts)
  const { series } = option as { series: { symbol: string; data: unknown[] }[] }
  expect(series.map(({ symbol, data }) => [symbol, data])).toEqual([
    ['circle', [[10, 1000]]],
    ['diamond', [[5, 1000]]],
  ])
})

test('an empty front says so', () => {
  render(<TradeOffFront tradeOffs={{ objectives: ['ttft', 'tpot'], points: [] }} />)
  expect(screen.getByText(/no trade-offs/)).toBeDefined()
})

test('both ways of serving are compared only when both were found', () => {
  const { container, rerender } = render(<BestOfServing plans={[plan()]} />)
  expect(container.textContent).toBe('')
  rerender(<BestOfServing plans={[plan(), plan({ rank: 2, serving: 'disaggregated' })]} />)
  expect(screen.getAllByRole('row')).toHaveLength(3)
})
