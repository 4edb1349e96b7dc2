// @vitest-environment jsdom
import i18next from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import type { Asked } from '@/api/types'
import { formatsFor } from '@/i18n/format'
import { startI18n } from '@/i18n/i18n'
import { summary } from './examples'
import { questionOf } from './question'

beforeAll(async () => {
  await startI18n('en')
})

const asked: Asked = {
  chip: 'h200-sxm',
  decode_chip: null,
  chips: 64,
  input_tokens: 4096,
  output_tokens: 1024,
  least_concurrency: 512,
  most_concurrency: 512,
  request_rate: null,
  max_ttft_ms: null,
  max_tpot_ms: 30,
  max_e2e_latency_ms: null,
  limit_percentile: null,
  min_request_rate: null,
  engine: 'vllm',
  serving: 'aggregated',
  objective: 'throughput',
  risk: 'mean',
  sweep: [],
  hypothetical: false,
}

const said = (change: Partial<Asked>, best_score: number | null = null) =>
  questionOf(
    summary({ status: 'completed', best_score, asked: { ...asked, ...change } }),
    () => 'H200',
    i18next.t,
    formatsFor('en'),
  )

test('a row says what was asked', () => {
  expect(said({})).toEqual({
    chips: '64 × H200',
    load: '4k in → 1k out, 512 at once',
    limits: `TPOT ≤ ${formatsFor('en').ms(30)}`,
    engine: 'vLLM',
    best: 'No plan fits',
  })
})

test('what a sweep varies and what a ladder finds is not said as a number', () => {
  const open = { least_concurrency: null, most_concurrency: null }
  expect(said(open).load).toContain('best concurrency')
  expect(said({ ...open, sweep: ['inference.batch_size'] }).load).toContain('concurrency varied')
  expect(said({ input_tokens: null, least_concurrency: 64 }).load).toBe(
    'varied in → 1k out, 64–512 at once',
  )
})

test('a score is said as the figure it is of', () => {
  expect(said({}, 1005).best).toBe('1,005 tokens/s')
  expect(said({ objective: 'chips' }, 1 / 16).best).toBe('16 chips')
})
