import { expect, test } from 'vitest'
import { sortProblems } from './fieldErrors'
import { initialValues } from './formValues'

const asJson = (section: 'model' | 'hardware' | 'topology') => ({
  ...initialValues,
  [section]: { ...initialValues[section], source: 'json' as const },
})

test.each([
  ['inference.batch_size', ['inference', 'batch_size']],
  ['manual_parallelism.moe_tp', ['manual_parallelism', 'moe_tp']],
  ['search_constraints.max_chips', ['search_constraints', 'max_chips']],
  ['inference.max_ttft_ms', ['search_constraints', 'max_ttft_ms']],
  ['inference.engine', ['inference', 'engine']],
  ['inference.traffic.request_rate', ['traffic', 'request_rate']],
  ['inference.traffic', ['traffic', 'arrivals']],
  ['search_constraints.serving', ['search_constraints', 'serving']],
  ['search_constraints.risk', ['search_constraints', 'risk']],
  ['search_constraints.batch_sizes[1]', ['batches', 'list']],
  ['sweep[1].field', ['sweep', 'second']],
  ['sweep', ['sweep', 'first']],
  ['candidates.grid.memory_bandwidth[2]', ['candidates', 'grid', 'memory_bandwidth']],
  ['candidates.price_shares.peak_flops', ['candidates', 'price_shares', 'peak_flops']],
  ['experiment_name', ['experiment_name']],
  ['model', ['model', 'preset']],
])('%s is shown at its control', (field, path) => {
  const { placed, unplaced } = sortProblems([{ field, message: 'No.' }], initialValues)
  expect(placed).toEqual([{ path, messages: ['No.'] }])
  expect(unplaced).toEqual([])
})

test('a problem inside pasted JSON is shown at the JSON and says where in it', () => {
  const problems = [{ field: 'model.hidden_size', message: 'is required' }]
  expect(sortProblems(problems, asJson('model')).placed).toEqual([
    { path: ['model', 'json'], messages: ['hidden_size: is required'] },
  ])
})

test('a list index inside pasted JSON belongs to its section too', () => {
  const problems = [{ field: 'topology.pods[0].racks', message: 'is empty' }]
  expect(sortProblems(problems, asJson('topology')).placed[0]?.messages).toEqual([
    'pods[0].racks: is empty',
  ])
})

test('several problems of one control are shown together', () => {
  const problems = ['a', 'b'].map((message) => ({ field: 'inference.batch_size', message }))
  expect(sortProblems(problems, initialValues).placed).toEqual([
    { path: ['inference', 'batch_size'], messages: ['a', 'b'] },
  ])
})

test('what has no control is kept for the message above the button', () => {
  const problems = [{ field: 'manual_parallelism', message: 'uses 128 chips' }]
  expect(sortProblems(problems, initialValues)).toEqual({ placed: [], unplaced: problems })
})

test('a field that only begins like a section is not one', () => {
  const problems = [{ field: 'modelling', message: '?' }]
  expect(sortProblems(problems, initialValues).unplaced).toEqual(problems)
})

test('what is wrong with all hypothetical chips is shown at the first figure that was moved', () => {
  const { grid } = initialValues.candidates
  const candidates = { ...initialValues.candidates, grid: { ...grid, price: '1..9 step 0.1' } }
  const problem = { field: 'candidates.grid', message: 'Too many.' }
  const { placed } = sortProblems([problem], { ...initialValues, candidates })
  expect(placed).toEqual([{ path: ['candidates', 'grid', 'price'], messages: ['Too many.'] }])
})

test('a missing price is shown where it can be given, whatever needs it', () => {
  const message = 'no price for h20; give economics.chip_usd_per_hour'
  for (const field of ['search_constraints.objective', 'candidates.grid.price']) {
    expect(sortProblems([{ field, message }], initialValues).placed).toEqual([
      { path: ['economics', 'chip_usd_per_hour'], messages: [message] },
    ])
  }
})
