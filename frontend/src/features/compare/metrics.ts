import type { ComparedMetric } from '@/api/types'

/** Metrics that have a name in both languages; one of a newer service is shown by its own. */
export const knownMetrics = [
  'throughput',
  'tps_per_chip',
  'ttft',
  'tpot',
  'e2e_latency',
  'chips',
  'cost',
  'energy',
  'mfu',
  'mbu',
  'memory_per_chip',
  'kv_transfer',
  'simulated_ttft_p99',
  'simulated_tpot_p99',
  'goodput',
] as const

interface Compared extends Pick<ComparedMetric, 'better'> {
  readonly values: readonly (number | null)[]
}

/** Positions of the best value, of all where several share it; none where all are the same. */
export function bestOf({ values, better }: Compared): number[] {
  const given = values.filter((value) => value !== null)
  const best = better === 'higher' ? Math.max(...given) : Math.min(...given)
  if (given.every((value) => value === best)) return []
  return values.flatMap((value, index) => (value === best ? [index] : []))
}

/** Whether every plan has this figure, and the same. */
export function isSame({ values }: Pick<Compared, 'values'>): boolean {
  return values.every((value) => value !== null && value === values[0])
}

export interface Delta {
  /** Of the baseline's figure: 0.1 is a tenth more. */
  readonly share: number
  /** Whether more, or less, is what one wants; undefined where both are the same. */
  readonly isBetter: boolean | undefined
}

/** By how much a figure differs from the baseline's; undefined where one of them is none, or 0. */
export function deltaOf({ values, better }: Compared, base: number, at: number): Delta | undefined {
  const [from, to] = [values[base], values[at]]
  if (at === base || from == null || to == null || from === 0) return undefined
  const share = to / from - 1
  return { share, isBetter: share === 0 ? undefined : share > 0 === (better === 'higher') }
}
