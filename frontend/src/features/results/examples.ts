// Plans for tests, with what a test cares about given by name.
import type { Effect, Plan, SweepPoint, SweepTable, TradeOff } from '@/api/types'
import type { Palette } from '@/charts/palette'

const phase = (time_ms: number) => {
  const parts = { compute_ms: time_ms / 2, memory_ms: time_ms / 4, communication_ms: time_ms / 4 }
  const times = { ...parts, overhead_ms: 0, waiting_ms: 0 }
  const operators = [
    { name: 'norms', time_ms: 0, ...times, compute_ms: 0, memory_ms: 0, communication_ms: 0 },
    { name: 'attention', time_ms, ...times },
  ]
  return { total_ms: time_ms, ...times, operators }
}

export function plan(change: Partial<Plan> = {}): Plan {
  return {
    rank: 1,
    parallelism: { dp: 8, tp: 8, pp: 1, ep: 64, sp: 1, moe_tp: 1, dcp: 1 },
    attention_dp: 8,
    replicas: 1,
    chips: 64,
    is_feasible: true,
    infeasible_reason: null,
    missed_limits: [],
    reason_code: null,
    throughput: 64_000,
    tps_per_chip: 1_000,
    ttft: 400,
    tpot: 20,
    e2e_latency: 20_860,
    mfu: 0.4,
    mbu: 0.5,
    score: 1_000,
    latency: { prefill: phase(400), decode: phase(20) },
    memory: { total_gb: 100, capacity_gb: 141, usable_gb: 127, parts: [], cache: null },
    ...change,
  }
}

export const testPalette: Palette = {
  compute: '#000001',
  memory: '#000002',
  communication: '#000003',
  overhead: '#000004',
  waiting: '#000005',
  accent: '#000006',
  text: '#000007',
  muted: '#000008',
  line: '#000009',
  surface: '#ffffff',
}

export function sweepPoint(change: Partial<SweepPoint> = {}): SweepPoint {
  return {
    index: [0],
    feasible: true,
    feasible_plans: 3,
    plans: 10,
    overshoot: null,
    reason: null,
    reason_code: null,
    parallelism: { dp: 1, tp: 8, pp: 1, ep: 1, sp: 1, moe_tp: 1, dcp: 1 },
    attention_dp: 1,
    engines: ['vllm'],
    replicas: 1,
    chips: 8,
    batch_size: 64,
    serving: 'aggregated',
    provenance: 'calibrated',
    throughput: 8_000,
    throughput_low: 7_000,
    throughput_high: 9_000,
    tps_per_chip: 1_000,
    ttft: 100,
    ttft_low: 90,
    ttft_high: 110,
    tpot: 10,
    tpot_low: 9,
    tpot_high: 11,
    mfu: 0.4,
    mbu: 0.5,
    score: 1_000,
    memory_gb: 60,
    usd_per_hour: 20,
    usd_per_million_output_tokens: 0.7,
    joules_per_token: 0.5,
    ...change,
  }
}

/** One row of points is one axis, several rows are two; the last point is the best. */
export function sweepTable(rows: readonly (readonly SweepPoint[])[]): SweepTable {
  const axis = (field: string) => ({
    field,
    values: [2, 4],
    labels: ['2 TB/s', '4 TB/s'],
    unit: 'TB/s',
  })
  const points = rows.flat()
  return {
    axes: [axis('chip.memory_bandwidth'), axis('chip.memory_capacity')].slice(0, rows.length),
    best: points.at(-1)?.index ?? [],
    points,
  }
}

export function effect(change: Partial<Effect> = {}): Effect {
  const changes = { throughput: 0.5, ttft: -0.5, tpot: -0.4 }
  return {
    figure: 'hardware.memory_bandwidth',
    value: 4e12,
    unit: 'bytes/s',
    ...changes,
    ...change,
  }
}

export function tradeOff(change: Partial<TradeOff> = {}): TradeOff {
  return {
    parallelism: { dp: 1, tp: 8, pp: 1, ep: 1, sp: 1, moe_tp: 1, dcp: 1 },
    pools: null,
    serving: 'aggregated',
    chips: 8,
    batch_size: 64,
    scores: [1_000, -10],
    throughput: 8_000,
    tps_per_chip: 1_000,
    request_rate: 30,
    ttft: 100,
    tpot: 10,
    usd_per_million_output_tokens: 0.7,
    joules_per_token: 0.5,
    ...change,
  }
}
