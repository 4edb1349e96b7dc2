import { expect, test } from 'vitest'
import { changedOf, covers, valuesAsked } from './asked'
import { initialValues, isHypothetical, submitRequest } from './formValues'

/** What a task keeps of its request, shortened. */
const request = {
  model: { name: 'deepseek-v3', hidden_size: 7168, notes: [] },
  hardware: { name: 'h200-sxm' },
  topology: { name: 'pod-64', links: { c2c: { latency: 1e-6 }, b2b: { latency: 4e-6 } } },
  inference: {
    batch_size: 256,
    input_seq_length: 2000,
    output_seq_length: 500,
    engine: 'vllm',
    weight_dtype: null,
    step_overhead: 0.001,
    images_per_request: 0,
    prefix_cache_hit_rate: 0.5,
    expert_load: 'uniform',
    max_tpot_ms: 25,
    traffic: null,
  },
  search_mode: 'auto',
  manual_parallelism: null,
  search_constraints: {
    allowed: { dp: null, tp: [8] },
    max_tpot_ms: 30,
    max_ttft_ms: null,
    objective: 'cost',
    risk: 'mean',
    pareto: null,
    serving: 'aggregated',
    batch_sizes: [128, 256],
    top_k: 20,
  },
  economics: { pue: 1.3, electricity_usd_per_kwh: 0.2, sources: { pue: 'a survey' } },
}
const presets = { model: 'deepseek-v3', hardware: 'h200-sxm', topology: 'pod-64' }

test('a preset is recognised by its figures, whatever the service added to them', () => {
  expect(covers(request.topology, { name: 'pod-64', links: { b2b: { latency: 4e-6 } } })).toBe(true)
  expect(covers(request.topology, { name: 'pod-64', links: { b2b: { latency: 5e-6 } } })).toBe(
    false,
  )
})

test('the question of a task fills the form', () => {
  const values = valuesAsked({ request, experiment_name: 'mine', presets })
  expect(values.model).toEqual({ source: 'preset', preset: 'deepseek-v3', json: '' })
  expect(values.inference).toEqual({
    batch_size: 256,
    input_seq_length: 2000,
    output_seq_length: 500,
    engine: 'vllm',
  })
  expect(values.batches).toEqual({ kind: 'list', list: '128, 256' })
  expect(values.search_constraints.max_tpot_ms).toBe(25)
  expect(values.experiment_name).toBe('mine')
})

test('what has no field is taken over, what the service fills in is not', () => {
  const values = valuesAsked({ request, experiment_name: 'mine', presets })
  expect(values.carried).toEqual({
    inference: { prefix_cache_hit_rate: 0.5 },
    search_constraints: { allowed: { dp: null, tp: [8] } },
    request: { economics: { electricity_usd_per_kwh: 0.2 } },
  })
  const again = submitRequest(values)
  expect(again.inference).toMatchObject({ prefix_cache_hit_rate: 0.5, engine: 'vllm' })
  expect(again.economics).toEqual({ electricity_usd_per_kwh: 0.2 })
})

test('changed figures are kept as JSON', () => {
  const { model } = valuesAsked({ request, experiment_name: '', presets: {} })
  expect(model.source).toBe('json')
  expect(JSON.parse(model.json)).toEqual(request.model)
})

test('a name that only says what is asked follows the question', () => {
  const name = submitRequest(initialValues).experiment_name
  expect(valuesAsked({ request, experiment_name: name, presets }).experiment_name).toBe('')
})

test('a grid of hypothetical chips fills its fields, a list is taken over', () => {
  const grid = { memory_bandwidth: '1..4 step 0.5', memory_capacity: ['80 GB', '192 GB'] }
  const shares = { memory_bandwidth: 0.3 }
  const of = (candidates: unknown) =>
    valuesAsked({ request: { ...request, candidates }, experiment_name: '', presets })
  const values = of({ grid: { ...grid, price: [1, 1.5] }, price_shares: shares })
  expect(submitRequest(values).candidates).toEqual({
    grid: { ...grid, memory_capacity: '80 GB, 192 GB', price: '1, 1.5' },
    price_shares: shares,
  })
  expect(isHypothetical(values)).toBe(true)
  const listed = { list: [{ peak_flops: 2 }] }
  expect(submitRequest(of(listed)).candidates).toEqual(listed)
  // A factor beside an amount is no text: the unit would be that of both.
  const mixed = { grid: { memory_capacity: [1, '192 GB'] } }
  expect(submitRequest(of(mixed)).candidates).toEqual(mixed)
  expect(isHypothetical(of(undefined))).toBe(false)
})

test('of a preset that was changed the form holds the change alone', () => {
  const spec = { name: 'h200-sxm', memory_bandwidth: 4.8e12, peak_flops: { bf16: 1e15 }, tdp: 700 }
  const evaluated = { ...spec, memory_bandwidth: 9.6e12, title: null }
  const changed = changedOf(evaluated, 'h200-sxm', spec)
  expect(changed).toEqual({ base: 'h200-sxm', memory_bandwidth: 9.6e12 })
  const { hardware: _, ...others } = presets
  const asked = { request, experiment_name: 'mine', presets: others }
  const { hardware } = valuesAsked({ ...asked, changed: { hardware: changed } })
  expect(hardware.source).toBe('json')
  expect(JSON.parse(hardware.json)).toEqual(changed)
})

test('a rent that is one number has its field, one by chip as well where there is one chip', () => {
  const asked = (chip_usd_per_hour: unknown) =>
    valuesAsked({
      request: { ...request, economics: { ...request.economics, chip_usd_per_hour } },
      experiment_name: 'mine',
      presets,
    })
  expect(asked(3).economics).toEqual({ chip_usd_per_hour: 3 })
  expect(asked({ 'h200-sxm': 3 }).economics).toEqual({ chip_usd_per_hour: 3 })
  expect(submitRequest(asked(3)).economics).toEqual({
    chip_usd_per_hour: 3,
    electricity_usd_per_kwh: 0.2,
  })
  const two = { 'h200-sxm': 3, h20: 1 }
  expect(asked(two).economics).toEqual({ chip_usd_per_hour: null })
  expect(submitRequest(asked(two)).economics).toMatchObject({ chip_usd_per_hour: two })
})
