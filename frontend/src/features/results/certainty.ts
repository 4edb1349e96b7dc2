import type { Plan, Provenance } from '@/api/types'

export type Estimated = 'ttft' | 'tpot' | 'throughput'
export type Interval = readonly [low: number, high: number]

/** The 80 % interval of one predicted figure; results from before there were any have none. */
export function intervalOf(plan: Plan, figure: Estimated): Interval | undefined {
  const [low, high] = [plan[`${figure}_low`], plan[`${figure}_high`]]
  return low == null || high == null ? undefined : [low, high]
}

/** Throughput per chip, as the chips of a plan are known exactly. */
export function perChipInterval(plan: Plan): Interval | undefined {
  const interval = intervalOf(plan, 'throughput')
  return interval && [interval[0] / plan.chips, interval[1] / plan.chips]
}

/** Tokens per second of one user: the slowest token makes the low end. */
export function perUserInterval(plan: Plan): Interval | undefined {
  const interval = intervalOf(plan, 'tpot')
  return interval && [1000 / interval[1], 1000 / interval[0]]
}

/** Told apart by shape: a full, a half and an empty circle. */
export const provenanceSigns: Record<Provenance, string> = {
  calibrated: '●',
  transferred: '◐',
  first_principles: '○',
}
