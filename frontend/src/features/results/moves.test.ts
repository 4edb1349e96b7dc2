import { expect, test } from 'vitest'
import type { ExplainRequest } from '@/api/explain'
import { factorAt, isMoved, movedRequest, previewOfPlan, pricesOf } from './moves'

const parallelism = { dp: 1, tp: 8, pp: 1, ep: 1, sp: 1, moe_tp: 1, dcp: 1 }
const link = { bandwidth: 4e11, latency: 2e-6 }
const asked = {
  experiment_name: 'mine',
  model: { name: 'a' },
  hardware: {
    name: 'chip',
    memory_bandwidth: 4e12,
    peak_flops: { bf16: 1e15 },
    chip_to_chip: link,
    price_usd_per_hour: 2,
  },
  decode_hardware: null,
  topology: { name: 'pod', links: { b2b: link } },
  inference: { batch_size: 512, input_seq_length: 1000, output_seq_length: 100 },
  search_constraints: { batch_sizes: 'ladder', max_tpot_ms: 30, limit_percentile: 'p99' },
  economics: { chip_usd_per_hour: null, pue: 1.3 },
  plan: { parallelism, batch_size: 64 },
} as unknown as ExplainRequest

test('four steps double, and without a step nothing is moved', () => {
  expect([factorAt(4), factorAt(-4), factorAt(0)]).toEqual([2, 0.5, 1])
  expect([isMoved({}), isMoved({ input: 0 }), isMoved({ input: 1 })]).toEqual([false, false, true])
  const { plan: _, ...request } = asked as unknown as Record<string, unknown>
  expect(movedRequest(asked, {})).toEqual(request)
})

test('the load moves from the plan’s own concurrency, and no other is tried then', () => {
  const moved = movedRequest(asked, { batch: 4, input: -4 })
  expect(moved.inference).toEqual({
    batch_size: 128,
    input_seq_length: 500,
    output_seq_length: 100,
  })
  expect(moved.search_constraints).toMatchObject({ batch_sizes: null, max_tpot_ms: 30 })
})

test('chips and links move by factors, their other figures stay', () => {
  const moved = movedRequest(asked, { bandwidth: 4, flops: -4, link: 8 })
  expect(moved.hardware).toEqual({
    name: 'chip',
    memory_bandwidth: 8e12,
    peak_flops: { bf16: 5e14 },
    chip_to_chip: { bandwidth: 1.6e12, latency: 2e-6 },
    price_usd_per_hour: 2,
  })
  expect(moved.topology).toEqual({
    name: 'pod',
    links: { b2b: { bandwidth: 1.6e12, latency: 2e-6 } },
  })
  expect(moved.decode_hardware).toBeNull()
})

test('the price moved is the one in force, given for each chip', () => {
  expect(movedRequest(asked, { price: 4 }).economics).toEqual({
    chip_usd_per_hour: 4,
    pue: 1.3,
  })
  const given = { ...asked, economics: { chip_usd_per_hour: 3 } } as unknown as ExplainRequest
  expect(pricesOf(given)).toEqual({ chip: 3 })
  const bought = { ...asked, economics: { chip_price_usd: 9000 } } as unknown as ExplainRequest
  expect(pricesOf(bought)).toBeUndefined()
})

test('a preview is of this plan alone, at its concurrency, its limits in the mean', () => {
  expect(previewOfPlan(asked, { output: 4 })).toMatchObject({
    search_mode: 'manual',
    manual_parallelism: parallelism,
    inference: { batch_size: 64, output_seq_length: 200, traffic: null },
    search_constraints: {
      batch_sizes: null,
      max_tpot_ms: 30,
      limit_percentile: null,
      top_k: 1,
    },
  })
  const pool = { instances: 2, parallelism, memory: {} }
  const pools = { ...asked, plan: { pools: { prefill: pool, decode: pool } } }
  expect(previewOfPlan(pools as unknown as ExplainRequest, {})).toMatchObject({
    manual_pools: { prefill: { instances: 2, parallelism }, decode: { instances: 2, parallelism } },
  })
})
