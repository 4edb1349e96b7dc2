import type { ComparedMetric } from '@/api/types'

/** Metrics that have a name in both languages; one of a newer service is shown by its own. */
export const knownMetrics = [
  'throughput',
  'tps_per_chip',
  'ttft',
  'tpot',
  'chips',
  'mfu',
  'mbu',
  'memory_per_chip',
  'kv_transfer',
  'simulated_ttft_p99',
  'simulated_tpot_p99',
  'goodput',
] as const

/** Positions of the best value, of all where several share it; none where all are the same. */
export function bestOf({ values, better }: Pick<ComparedMetric, 'values' | 'better'>): number[] {
  const given = values.filter((value) => value !== null)
  const best = better === 'higher' ? Math.max(...given) : Math.min(...given)
  if (given.every((value) => value === best)) return []
  return values.flatMap((value, index) => (value === best ? [index] : []))
}
