import { expect, test } from 'vitest'
import { chipCount, isChangedChip, questionOf } from './question'

test('chips of a regular topology are the product of its tiers', () => {
  const tiers = { pods: 1, racks_per_pod: 2, boards_per_rack: 4, chips_per_board: 8 }
  expect(chipCount(tiers)).toBe(64)
})

test('chips of a grouped topology are added up, a missing count being one', () => {
  const boards = [{ count: 4, chips: [{ count: 8 }] }, { chips: [{ count: 2 }] }]
  expect(chipCount({ pods: [{ count: 1, racks: [{ count: 2, boards }] }] })).toBe(68)
  expect(chipCount('pod-64')).toBeUndefined()
})

test('a question is read from the snapshot, limits from either place', () => {
  const question = questionOf({
    model: { name: 'deepseek-v3' },
    hardware: { name: 'h200-sxm' },
    topology: {},
    inference: { batch_size: 64, input_seq_length: 10, output_seq_length: 20, max_ttft_ms: 500 },
    search_constraints: { max_ttft_ms: null, max_tpot_ms: 50, objective: 'tpot' },
  })
  expect(question).toMatchObject({
    model: 'deepseek-v3',
    chip: 'h200-sxm',
    batch: 64,
    maxTtft: 500,
    maxTpot: 50,
    objective: 'tpot',
    cautious: false,
    ofPercentile: false,
  })
})

test('of two limits the stricter one holds', () => {
  const asked = questionOf({
    inference: { max_ttft_ms: 500, max_tpot_ms: 30 },
    search_constraints: { max_ttft_ms: 800, max_tpot_ms: 20 },
  })
  expect(asked).toMatchObject({ maxTtft: 500, maxTpot: 20 })
})

test('engine, pools and arrivals are part of the question', () => {
  const traffic = { arrivals: 'poisson', request_rate: 5 }
  const question = questionOf({
    inference: { engine: 'vllm', traffic },
    search_constraints: { serving: 'both' },
  })
  expect(question).toMatchObject({
    engine: 'vllm',
    serving: 'both',
    arrivals: 'poisson',
    requestRate: 5,
  })
  const older = questionOf({ inference: { engine: null, traffic: null } })
  expect(older).toMatchObject({ engine: undefined, serving: 'aggregated', arrivals: undefined })
})

test('an incomplete snapshot leaves gaps, not errors', () => {
  expect(questionOf({})).toMatchObject({ model: '?', chips: undefined, maxTpot: undefined })
})

test('a searched concurrency is that of the best plan, never the one typed beside it', () => {
  const request = {
    inference: { batch_size: 1024 },
    search_constraints: { batch_sizes: 'ladder' },
  }
  const batchOf = (winner?: { batch_size: number }) => questionOf(request, { winner })
  expect(batchOf({ batch_size: 512 })).toMatchObject({ batch: 512, batchSearched: true })
  expect(batchOf()).toMatchObject({ batch: undefined, batchSearched: true })
})

test('of a sweep the question is that of its best point', () => {
  const axes = [
    { field: 'inference.input_seq_length', values: [4096, 1024], labels: ['4k', '1k'], unit: null },
    { field: 'chip', values: ['a', 'b'], labels: ['h100-sxm', 'b200-sxm'], unit: null },
  ]
  const request = {
    hardware: { title: 'H100 SXM' },
    inference: { input_seq_length: 4096, output_seq_length: 512 },
  }
  const question = questionOf(request, { sweep: { axes, best: [1, 1] } })
  expect(question).toMatchObject({ input: 1024, output: 512, chip: 'b200-sxm' })
})

test('chips with other figures than the catalogue’s of their name are said to be moved', () => {
  const entry = {
    name: 'a',
    memory_bandwidth: 4e12,
    memory_capacity: 1e11,
    peak_flops: { bf16: 1e15 },
  }
  const of = (change: object) => questionOf({ hardware: { ...entry, ...change } })
  expect(isChangedChip(of({}), [entry])).toBe(false)
  expect(isChangedChip(of({ memory_bandwidth: 8e12 }), [entry])).toBe(true)
  expect(isChangedChip(of({ peak_flops: { bf16: 2e15 } }), [entry])).toBe(true)
  expect(isChangedChip(of({ name: 'mine', memory_bandwidth: 8e12 }), [entry])).toBe(false)
  expect(isChangedChip(questionOf({ hardware: 'a' }), [entry])).toBe(false)
})
