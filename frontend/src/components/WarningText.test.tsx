// @vitest-environment jsdom
import { render } from '@testing-library/react'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { evaluationWarningCodeValues } from '@/api/schema.gen'
import type { EvaluationWarning } from '@/api/types'
import { en } from '@/i18n/en'
import { startI18n, switchLanguage } from '@/i18n/i18n'
import { WarningText } from './WarningText'

beforeAll(async () => {
  await startI18n('en')
})

afterEach(() => switchLanguage('en'))

const far: EvaluationWarning = {
  code: 'prompts_outside_measured',
  message: 'Prompts of 100000 tokens lie outside.',
  values: { tokens: 100_000, least: 115, most: 13_500 },
}

const shown = (warning: EvaluationWarning) => render(<WarningText warning={warning} />).container

test('every code but that of bare sentences has a text', () => {
  expect(evaluationWarningCodeValues.filter((code) => code !== 'other').toSorted()).toEqual(
    Object.keys(en.warning).toSorted(),
  )
})

test('a warning is told in the language of the page, its figures too', async () => {
  expect(shown(far).textContent).toContain('Prompts of 100,000 tokens lie outside')
  await switchLanguage('zh')
  const chinese = shown(far).textContent
  expect(chinese).toContain('长度为 100,000 个 token 的输入超出校准所依据的实测范围')
  expect(chinese).toContain('115 至 13,500')
})

test('a fraction has three digits and a name stays as it is', () => {
  const values = { tokens: 0.295501824, model: 'llama4' }
  const text = shown({ code: 'image_tokens_assumed', message: '', values }).textContent
  expect(text).toContain('taken as 0.296 tokens of the prompt, llama4’s')
})

test('a sentence without a known code stays English and says so', async () => {
  await switchLanguage('zh')
  for (const code of ['other', 'of_tomorrow'] as EvaluationWarning['code'][]) {
    const found = shown({ code, message: 'Mind the gap.', values: {} })
    expect(found.querySelector('[lang=en]')?.textContent).toBe('Mind the gap.')
  }
})

test('what a calibration rests on is said in the reader’s language', async () => {
  const basis = 'Calibrated on 40 runs of h200-sxm'
  const values = { chip: 'h200-sxm', basis, provenance: 'calibrated' }
  const warning: EvaluationWarning = { code: 'hypothetical_chips', message: '', values }
  expect(shown(warning).textContent).toContain(`in force for h200-sxm (${basis})`)
  await switchLanguage('zh')
  expect(shown(warning).textContent).toContain('全部沿用 h200-sxm 的校准（已校准）')
  // As it was kept before there was a word for it.
  const before = { ...warning, values: { chip: 'h200-sxm', basis } }
  expect(shown(before).textContent).toContain('全部沿用 h200-sxm 的校准（见“可信度”）')
})

test('sentences of engines that refuse are told in the reader’s language too', async () => {
  const sentence = 'No known engine starts this plan: moe_tp must be 1 beside ep.'
  const refused: EvaluationWarning = { code: 'no_engine_starts', message: '', values: { sentence } }
  const values = { engine: 'SGLang', chip: 'gaudi-3', reason: 'must be another chip' }
  const foreign: EvaluationWarning = { code: 'engine_not_on_chip', message: '', values }
  expect(shown(refused).textContent).toBe(sentence)
  await switchLanguage('zh')
  for (const warning of [refused, foreign]) {
    expect(shown(warning).textContent).not.toMatch(/[a-z]+ [a-z]+ [a-z]+/)
  }
})
