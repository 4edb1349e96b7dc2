import type { Parallelism } from '@/api/types'

/** Chips one plan occupies. Experts are spread over the same chips and dcp shares those of tp. */
export function chipsUsed({ dp, tp, pp, sp }: Parallelism): number {
  return dp * tp * pp * sp
}

export function divisors(value: number): number[] {
  const all: number[] = []
  for (let candidate = 1; candidate <= value; candidate += 1) {
    if (value % candidate === 0) all.push(candidate)
  }
  return all
}

export interface ExpertGroup {
  /** moe_tp × ep: the chips one copy of the experts is spread over. */
  readonly group: number
  /** The legal sizes of that group: tp × sp × every divisor of dp. */
  readonly possible: readonly number[]
  /** Data-parallel ranks that share one copy of the experts; null if the group is illegal. */
  readonly attentionDp: number | null
}

/** moe_tp × ep = tp × sp × attention_dp, where attention_dp divides dp. */
export function expertGroup({ dp, tp, ep, sp, moe_tp }: Parallelism): ExpertGroup {
  const group = moe_tp * ep
  const shares = divisors(dp)
  const attentionDp = shares.find((share) => tp * sp * share === group) ?? null
  return { group, possible: shares.map((share) => tp * sp * share), attentionDp }
}

export function isCompleteParallelism(
  value: Partial<Record<keyof Parallelism, number | null>> | undefined,
): value is Parallelism {
  if (value === undefined) return false
  const { dp, tp, pp, ep, sp, moe_tp, dcp } = value
  return [dp, tp, pp, ep, sp, moe_tp, dcp].every(
    (degree) => typeof degree === 'number' && Number.isInteger(degree) && degree >= 1,
  )
}
