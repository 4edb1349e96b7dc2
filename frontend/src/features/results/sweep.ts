import type { SweepPoint, SweepTable } from '@/api/types'
import { assertNever } from '@/assertNever'
import type { SweepMetric } from '@/searchParams'

export function metricOf(point: SweepPoint, metric: SweepMetric): number | null {
  switch (metric) {
    case 'tps_per_chip':
    case 'throughput':
    case 'ttft':
    case 'tpot':
      return point[metric]
    case 'cost':
      return point.usd_per_million_output_tokens
    default:
      return assertNever(metric)
  }
}

/** Where a point lies, in words: "memory_bandwidth 2 TB/s, batch_size 64". */
export function placeOf(
  { axes }: Pick<SweepTable, 'axes'>,
  point: Pick<SweepPoint, 'index'>,
): string {
  return axes
    .map(({ field, labels }, axis) => `${field} ${labels[point.index[axis] ?? -1] ?? '?'}`)
    .join(', ')
}

export function isBest({ best }: Pick<SweepTable, 'best'>, { index }: SweepPoint): boolean {
  return index.every((place, axis) => place === best[axis])
}
