// @vitest-environment jsdom
import { render, screen } from '@testing-library/react'
import { beforeAll, expect, test } from 'vitest'
import type { SearchStats } from '@/api/types'
import { startI18n, switchLanguage } from '@/i18n/i18n'
import { plan } from './examples'
import { IllegalPlans } from './IllegalPlans'
import { illegalRows } from './illegalRows'
import { PlanEngines } from './PlanEngines'

beforeAll(async () => {
  await startI18n('en')
})

const mixed = plan({
  engines: ['sglang', 'trtllm'],
  refused_by: [
    { engine: 'vllm', code: 'mixed_experts', field: 'moe_tp', reason: 'must be 1 beside ep' },
  ],
})

test('a plan says which engines start it and what is in the way of the others', async () => {
  const { unmount } = render(<PlanEngines plan={mixed} />)
  const [sglang, trtllm, vllm] = screen.getAllByRole('listitem')
  expect([sglang?.textContent, trtllm?.textContent]).toEqual(['✓ SGLang', '✓ TensorRT-LLM'])
  expect(vllm?.textContent).toBe(
    '✗ vLLM does not start it · Experts are both spread (ep) and split (moe_tp)',
  )
  expect(vllm?.title).toBe('moe_tp must be 1 beside ep')
  unmount()
  await switchLanguage('zh')
  render(<PlanEngines plan={mixed} />)
  expect(screen.getByText('专家既分散（ep）又切分（moe_tp）')).toBeTruthy()
  await switchLanguage('en')
})

test('a plan that no engine starts says so, one of an older result nothing', () => {
  const { container, rerender } = render(<PlanEngines plan={plan()} />)
  expect(container.textContent).toBe('')
  rerender(<PlanEngines plan={plan({ engines: [] })} />)
  expect(screen.getByText('No known engine starts this plan.')).toBeTruthy()
})

const stats: SearchStats = {
  total_plans: 10,
  evaluated_plans: 10,
  feasible_plans: 10,
  infeasible_plans: 0,
  infeasible_reasons: {},
  pruned_plans: 0,
  pruned_reasons: {},
  illegal_plans: 6_473,
  illegal_reasons: { heads: 4_580, no_engine: 1_893 },
  refused_by_engine: { vllm: { mixed_experts: 510, sp: 1_893 }, sglang: { sp: 1_893 } },
  evaluations: 10,
  seconds: 1,
}

test('combinations that are no plans are counted by rule and engine', () => {
  const { container } = render(<IllegalPlans stats={stats} />)
  expect(screen.getByText('6,473, by the rule they break')).toBeTruthy()
  const rows = [...container.querySelectorAll('tbody tr')].map((row) =>
    [...row.children].map(({ textContent }) => textContent),
  )
  expect(rows).toContainEqual(['tp does not divide the attention heads', '4,580', '–', '–'])
  expect(rows).toContainEqual(['Experts are both spread (ep) and split (moe_tp)', '–', '510', '–'])
  const shared = 'No option shares prompts and cache of this model between ranks (sp)'
  expect(rows).toContainEqual([shared, '–', '1,893', '1,893'])
})

test('rules that most combinations break come first, an older result has none', () => {
  expect(illegalRows(stats).map(({ rule }) => rule)).toEqual([
    'heads',
    'no_engine',
    'sp',
    'mixed_experts',
  ])
  expect(illegalRows({ ...stats, illegal_reasons: {}, refused_by_engine: {} })).toEqual([])
})
