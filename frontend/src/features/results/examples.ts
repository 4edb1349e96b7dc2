// Plans for tests, with what a test cares about given by name.
import type { Plan } from '@/api/types'

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
    parallelism: { dp: 8, tp: 8, pp: 1, ep: 64, sp: 1, moe_tp: 1 },
    attention_dp: 8,
    replicas: 1,
    chips: 64,
    is_feasible: true,
    infeasible_reason: null,
    throughput: 64_000,
    tps_per_chip: 1_000,
    ttft: 400,
    tpot: 20,
    mfu: 0.4,
    mbu: 0.5,
    score: 1_000,
    latency: { prefill: phase(400), decode: phase(20) },
    memory: { total_gb: 100, capacity_gb: 141, usable_gb: 127, parts: [] },
    ...change,
  }
}
