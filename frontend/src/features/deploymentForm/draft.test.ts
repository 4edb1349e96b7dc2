import { expect, test } from 'vitest'
import { draftOf, valuesOf } from './draft'
import { type FormValues, initialValues } from './formValues'

const changed: FormValues = {
  ...initialValues,
  inference: { ...initialValues.inference, input_seq_length: 8192, engine: 'vllm' },
  search_constraints: {
    ...initialValues.search_constraints,
    max_tpot_ms: null,
    pareto: ['ttft', 'tpot'],
  },
  batches: { kind: 'list', list: '64, 128' },
}

test('an untouched question is no draft', () => {
  expect(draftOf(initialValues)).toBeUndefined()
  expect(valuesOf(undefined)).toEqual(initialValues)
})

test('a draft holds what was changed and gives it back', () => {
  expect(draftOf(changed)).toEqual({
    inference: { input_seq_length: 8192, engine: 'vllm' },
    search_constraints: { max_tpot_ms: null, pareto: ['ttft', 'tpot'] },
    batches: { kind: 'list', list: '64, 128' },
  })
  expect(valuesOf(draftOf(changed))).toEqual(changed)
})

test('what is typed and no number yet survives a reload', () => {
  const draft = { search_constraints: { max_ttft_ms: '2 x' } }
  expect(valuesOf(draft).search_constraints.max_ttft_ms).toBe('2 x')
})

test('nonsense in an address is passed over', () => {
  const nonsense = {
    batches: { kind: 'all' },
    search_mode: 5,
    model: 'deepseek',
    search_constraints: { objective: 'fame', pareto: ['fame'], serving: [] },
  }
  expect(valuesOf(nonsense)).toEqual(initialValues)
  expect(valuesOf('nonsense')).toEqual(initialValues)
})
