// @vitest-environment jsdom
import { render, screen, within } from '@testing-library/react'
import { beforeAll, expect, test } from 'vitest'
import type { Simulated } from '@/api/types'
import { startI18n, switchLanguage } from '@/i18n/i18n'
import { plan } from './examples'
import { HowSure } from './HowSure'
import { PoolsTable } from './PoolsTable'
import { SimulatedLatency } from './SimulatedLatency'

beforeAll(async () => {
  await startI18n('en')
})

const basis = 'Calibrated on 40 runs of h200-sxm.'
const sure = plan({
  ...{ ttft_low: 300, ttft_high: 520, tpot_low: 18, tpot_high: 23.4 },
  ...{ throughput_low: 50_000, throughput_high: 70_000 },
  ...{ provenance: 'calibrated' as const, basis },
})

test('a plan says its intervals, what they rest on and why', () => {
  render(<HowSure plan={sure} />)
  expect(screen.getByText('(300–520)')).toBeTruthy()
  expect(screen.getByText('(18–23.4)')).toBeTruthy()
  expect(screen.getByText('(50,000–70,000)')).toBeTruthy()
  expect(screen.getByText('Calibrated')).toBeTruthy()
  expect(screen.getByText(basis)).toBeTruthy()
})

test('a reader of Chinese gets the basis in words of that language too', async () => {
  await switchLanguage('zh')
  render(<HowSure plan={sure} />)
  expect(screen.getByText('用该模型、芯片与引擎的实测数据校准。')).toBeTruthy()
  expect(screen.getByText(basis).lang).toBe('en')
  await switchLanguage('en')
})

test('a result from before there were intervals claims none', () => {
  const { container } = render(<HowSure plan={plan()} />)
  expect(container.textContent).toBe('')
})

const pool = (instances: number) => ({
  parallelism: { dp: 1, tp: 4, pp: 1, ep: 1, sp: 1, moe_tp: 1, dcp: 1 },
  instances,
  chips_per_instance: 4,
  chips: 4 * instances,
  batch: 8,
  rate: 2.5,
  time_ms: 100,
  utilization: 0.75,
  memory: plan().memory,
})

test('both pools show how many chips they take, and the cache its way', () => {
  render(<PoolsTable pools={{ prefill: pool(3), decode: pool(5) }} transferMs={1.5} />)
  const prefill = screen.getByRole('row', { name: /Prefill pool/ })
  expect(within(prefill).getByText('3 × 4 = 12')).toBeTruthy()
  expect(within(prefill).getByText('75%')).toBeTruthy()
  expect(screen.getByText('5 × 4 = 20')).toBeTruthy()
  expect(screen.getByText(/1\.5\s*ms/)).toBeTruthy()
})

const percentiles = (mean_ms: number) => ({
  mean_ms,
  p50_ms: mean_ms - 1,
  p90_ms: mean_ms * 2,
  p99_ms: mean_ms * 4,
})
const simulated: Simulated = {
  ttft: percentiles(200),
  tpot: percentiles(20),
  inter_token: null,
  end_to_end: percentiles(9_000),
  throughput: 1_000,
  request_rate: 4,
  goodput: 3,
  share_within_limits: 0.75,
  requests: 640,
  rejected: 0,
  overloaded: false,
  cache_tokens: 100_000,
}

test('percentiles are shown for the latencies there are', () => {
  render(<SimulatedLatency simulated={simulated} />)
  const ttft = screen.getByRole('row', { name: /TTFT/ })
  expect(within(ttft).getByText('800')).toBeTruthy()
  expect(screen.queryByText('Gap between tokens')).toBeNull()
  expect(screen.queryByText(/faster than they are served/)).toBeNull()
})

test('an overload is said, in the reader’s language', async () => {
  await switchLanguage('zh')
  render(<SimulatedLatency simulated={{ ...simulated, overloaded: true }} />)
  expect(screen.getByText(/请求到达快于处理/)).toBeTruthy()
  await switchLanguage('en')
})
