import type { Plan } from '@/api/types'

export const figures = [
  'tps_per_chip',
  'throughput',
  'ttft',
  'tpot',
  'cost',
  'energy',
  'chips',
  'memory',
] as const
export type Figure = (typeof figures)[number]

/** What of a plan can move; one that does not fit may lack some of it. */
export interface Moving
  extends Readonly<Record<'tps_per_chip' | 'throughput' | 'ttft' | 'tpot', number | null>> {
  readonly chips: number
  readonly memory: Pick<Plan['memory'], 'total_gb'> | null
  readonly economics?: Plan['economics']
}

const readings: Record<Figure, (plan: Moving) => number | null> = {
  tps_per_chip: ({ tps_per_chip }) => tps_per_chip,
  throughput: ({ throughput }) => throughput,
  ttft: ({ ttft }) => ttft,
  tpot: ({ tpot }) => tpot,
  cost: ({ economics }) => economics?.usd_per_million_output_tokens ?? null,
  energy: ({ economics }) => economics?.joules_per_token ?? null,
  chips: ({ chips }) => chips,
  memory: ({ memory }) => memory?.total_gb ?? null,
}

/** More of these is better, of the others less; chips and memory are neither. */
const moreIsBetter: readonly Figure[] = ['tps_per_chip', 'throughput']
export const neutral: readonly Figure[] = ['chips', 'memory']

export interface Movement {
  readonly now: number | null
  readonly before: number | null
  readonly percent: number | null
  readonly verdict: 'better' | 'worse' | 'same' | 'neutral'
}

/** How one figure of the best plan has moved from the reference. */
export function movement(now: Moving, before: Moving | undefined, figure: Figure): Movement {
  const read = readings[figure]
  const value = read(now)
  const reference = before === undefined ? null : read(before)
  if (value === null || reference === null || reference === 0) {
    return { now: value, before: reference, percent: null, verdict: 'same' }
  }
  const percent = 100 * (value / reference - 1)
  if (Math.abs(percent) < 0.005) {
    return { now: value, before: reference, percent: 0, verdict: 'same' }
  }
  if (neutral.includes(figure)) {
    return { now: value, before: reference, percent, verdict: 'neutral' }
  }
  const better = percent > 0 === moreIsBetter.includes(figure)
  return { now: value, before: reference, percent, verdict: better ? 'better' : 'worse' }
}
