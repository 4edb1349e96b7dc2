import { expect, test } from 'vitest'
import { shortChip } from '@/shortChip'
import { configFacts } from './configFacts'
import type { FormValues } from './formValues'
import { initialValues } from './formValues'
import { partOf } from './parts'
import { concurrenciesTried, previewRequest } from './preview'

const values = (change: Partial<FormValues> = {}): FormValues => ({ ...initialValues, ...change })

test('a preview asks for one plan, without what only a task does', () => {
  const asked = previewRequest(
    values({ traffic: { arrivals: 'closed_loop', request_rate: null, requests: null } }),
  )
  expect(asked?.inference).not.toHaveProperty('traffic')
  expect(asked?.search_constraints?.top_k).toBe(1)
  expect(asked).not.toHaveProperty('experiment_name')
})

test('a preview tries a few steps of the ladder, of which the search tries all', () => {
  expect(previewRequest(values())?.search_constraints?.batch_sizes).toEqual([8, 32, 128, 512, 2048])
  expect(concurrenciesTried(values())).toBe(24)
})

test('what is no question yet is not previewed', () => {
  const inference = { ...initialValues.inference, input_seq_length: '4x' as unknown as number }
  expect(previewRequest(values({ inference }))).toBeUndefined()
  const model = { source: 'json' as const, preset: '', json: '{' }
  expect(previewRequest(values({ model }))).toBeUndefined()
})

test('each field has the card it stands in', () => {
  expect(partOf(['model', 'json'])).toBe('model')
  expect(partOf(['inference', 'input_seq_length'])).toBe('load')
  expect(partOf(['inference', 'batch_size'])).toBe('search')
  expect(partOf(['search_constraints', 'max_tpot_ms'])).toBe('limits')
  expect(partOf(['search_constraints', 'max_chips'])).toBe('chips')
  expect(partOf(['sweep', 'first'])).toBe('record')
})

test('a chip is named in few words', () => {
  expect(shortChip('NVIDIA H200 SXM 141 GB')).toBe('H200 SXM')
})

test('a config.json says what it is of', () => {
  const config = {
    model_type: 'llava',
    text_config: { num_hidden_layers: 32, num_key_value_heads: 8 },
    quantization_config: { quant_method: 'fp8' },
  }
  expect(configFacts(JSON.stringify(config))).toEqual([
    { label: 'model', value: 'llava' },
    { label: 'layers', value: 32 },
    { label: 'kvHeads', value: 8 },
    { label: 'formats', value: 'fp8' },
  ])
  expect(configFacts('{')).toEqual([])
})
