// @vitest-environment jsdom
import { render, screen } from '@testing-library/react'
import { beforeAll, expect, test } from 'vitest'
import type { Decision, LimitProbability, SettlingRun } from '@/api/types'
import { NoticesProvider } from '@/components/Notices'
import { startI18n } from '@/i18n/i18n'
import { CautiousAlternative } from './CautiousAlternative'
import { gains, limitsOf, price, runsCsv } from './choice'
import { plan } from './examples'
import { KeptLimits } from './KeptLimits'
import { basisDiffers, scoreIsShown } from './planText'
import { questionOf } from './question'
import { SettlingRuns } from './SettlingRuns'

beforeAll(async () => {
  await startI18n('en')
})

const keeps = (code: string, probability: number): LimitProbability => ({
  code,
  limit: 50,
  probability,
})

const first = plan({ limits: [keeps('max_ttft', 0.999), keeps('max_tpot', 0.62)] })
const robust = plan({
  rank: 4,
  tps_per_chip: 920,
  batch_size: 1536,
  limits: [keeps('max_ttft', 1), keeps('max_tpot', 0.89)],
})
const run: SettlingRun = {
  rank: 2,
  parallelism: { dp: 8, tp: 1, pp: 1, ep: 8, sp: 1, moe_tp: 1, dcp: 1 },
  chips: 8,
  ...{ ttft: 642.89895, ttft_low: 397.76158, ttft_high: 788.64415 },
  ...{ tpot: 47.717095, tpot_low: 41.790633, tpot_high: 52.35997 },
  regret: 0.07189,
  columns: {
    ...{ model: 'my "large", model', chip: 'h200-sxm', framework: 'sglang' },
    ...{
      framework_version: null,
      precision: 'fp8',
      kv_cache_dtype: null,
      input_tokens: 2048,
      output_tokens: 512,
    },
    ...{ concurrency: 205, tp: 1, pp: 1, attention_dp: 8, moe_tp: 1, ep: 8 },
  },
}
const decision: Decision = { first_is_robust: false, robust: null, regret: 0.367, runs: [run] }
const question = questionOf({ search_constraints: { objective: 'throughput_per_chip' } })

test('only a limit that some plan may break is told of each plan', () => {
  const { open, safe } = limitsOf([first, robust])
  expect(open.map(({ code }) => code)).toEqual(['max_tpot'])
  expect(safe.map(({ code }) => code)).toEqual(['max_ttft'])
  expect(limitsOf([plan()])).toEqual({ open: [], safe: [] })
})

test('an alternative gains where it is surer by a percent, and has its price', () => {
  expect(gains(first, robust)).toEqual([{ limit: keeps('max_tpot', 0.89), before: 0.62 }])
  expect(gains(plan(), robust)).toEqual([])
  expect(price(first, robust, 'throughput_per_chip')?.change).toBeCloseTo(-0.08)
  expect(price(first, robust, 'cost')).toBeUndefined()
})

test('sureness is told by shape and number, never as certain', () => {
  render(<KeptLimits plan={first} second={plan({ beaten_by_first: 0.999 })} />)
  expect(screen.getByText(/62%/).textContent).toBe('△ 62%')
  expect(screen.getAllByText(/>99%/).map((said) => said.textContent)).toEqual(['✓ >99%', '>99%'])
})

test('a plan without limits or a second one claims nothing', () => {
  const { container } = render(<KeptLimits plan={plan()} second={undefined} />)
  expect(container.textContent).toBe('')
})

test('another robust plan is told with what it gains and what it costs', () => {
  const found = { ...decision, robust }
  const { rerender } = render(
    <CautiousAlternative decision={found} plans={[first]} question={question} />,
  )
  const said = screen.getByRole('complementary', { name: 'Cautious alternative' })
  const text = said.textContent?.replaceAll('\u00a0', ' ')
  expect(text).toContain('plan 1 at another concurrency')
  expect(text).toContain('Keeps TPOT ≤ 50 ms with 89% instead of 62%.')
  expect(text).toContain('Tokens/s per chip: 920 instead of 1,000 (-8%).')

  const other = { ...robust, parallelism: { ...robust.parallelism, tp: 4 } }
  rerender(
    <CautiousAlternative
      decision={{ ...decision, robust: other }}
      plans={[first]}
      question={question}
    />,
  )
  expect(said.textContent).toContain('not among the plans below')
})

test('without an alternative the card says why, or is not there', () => {
  const card = (found: Decision, asked = question) => (
    <CautiousAlternative decision={found} plans={[first]} question={asked} />
  )
  const { container, rerender } = render(card(decision))
  expect(container.textContent).toBe('No plan keeps all limits with 80 % certainty.')
  rerender(card({ ...decision, first_is_robust: true }))
  expect(container.textContent).toBe('')
  rerender(card(decision, { ...question, ofPercentile: true }))
  expect(container.textContent).toBe('')
})

test('runs are written as calibrate reads them, the measured columns empty', () => {
  const [header, row, end] = runsCsv([run]).split('\n')
  expect(header).toBe(
    'model,chip,framework,framework_version,precision,kv_cache_dtype,input_tokens,' +
      'output_tokens,concurrency,tp,pp,attention_dp,moe_tp,ep,ttft_ms,tpot_ms,' +
      'predicted_ttft_ms,predicted_ttft_low_ms,predicted_ttft_high_ms,predicted_tpot_ms,predicted_tpot_low_ms,predicted_tpot_high_ms',
  )
  expect(row).toBe(
    '"my ""large"", model",h200-sxm,sglang,,fp8,,2048,512,205,1,1,8,1,8,,,' +
      '642.9,397.76,788.64,47.717,41.791,52.36',
  )
  expect(end).toBe('')
})

test('the runs to measure say what is left to lose; where none helps nothing is said', () => {
  const { container, rerender } = render(<SettlingRuns decision={decision} />, {
    wrapper: NoticesProvider,
  })
  expect(screen.getByRole('listitem').textContent).toContain('loss then left 7.2%')
  expect(screen.getByText(/costs 37% of the objective/)).toBeDefined()
  rerender(<SettlingRuns decision={{ ...decision, runs: [] }} />)
  expect(container.textContent).toBe('')
})

test('columns that say nothing of their own are left out', () => {
  expect(scoreIsShown([plan(), plan({ rank: 2 })])).toBe(true)
  expect(scoreIsShown([plan({ score: 900 })])).toBe(false)
  expect(scoreIsShown([plan({ score: -20 })])).toBe(true)
  expect(basisDiffers([plan(), plan({ rank: 2 })])).toBe(false)
  expect(basisDiffers([plan(), plan({ provenance: 'transferred' })])).toBe(true)
})
