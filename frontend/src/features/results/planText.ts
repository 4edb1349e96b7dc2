import type { Plan } from '@/api/types'
import { compactPlan, planTitle } from '@/compactPlan'
import type { SortColumn } from '@/searchParams'

export { compactPlan, planTitle }

type Identity = 'parallelism' | 'attention_dp' | 'replicas' | 'pools'

export function planKey(plan: Pick<Plan, Identity>): string {
  const { dp, tp, pp, ep, sp, moe_tp, dcp } = plan.parallelism
  const degrees = [dp, tp, pp, ep, sp, moe_tp, dcp, plan.attention_dp, plan.replicas].join('-')
  return plan.pools == null ? degrees : `${degrees} ${planTitle(plan)}`
}

const readings: Record<SortColumn, (plan: Plan) => number> = {
  rank: ({ rank }) => rank,
  chips: ({ chips }) => chips,
  batch_size: ({ batch_size }) => batch_size ?? 0,
  throughput: ({ throughput }) => throughput,
  tps_per_chip: ({ tps_per_chip }) => tps_per_chip,
  ttft: ({ ttft }) => ttft,
  tpot: ({ tpot }) => tpot,
  mfu: ({ mfu }) => mfu,
  mbu: ({ mbu }) => mbu,
  memory: ({ memory }) => memory.total_gb,
  score: ({ score }) => score,
}

/** Sorted by one column; equal values keep the order of their ranks. */
export function sortedPlans(
  plans: readonly Plan[],
  column: SortColumn,
  descending: boolean,
): readonly Plan[] {
  const read = readings[column]
  const sign = descending ? -1 : 1
  return plans.toSorted((a, b) => sign * (read(a) - read(b)) || a.rank - b.rank)
}

const smallIsGood: readonly SortColumn[] = ['rank', 'chips', 'ttft', 'tpot', 'memory']

/** The sorting after a click on a column: the good end first, then the other way round. */
export function nextSorting(
  now: { column: SortColumn; descending: boolean },
  clicked: SortColumn,
): { column: SortColumn; descending: boolean } {
  if (now.column === clicked) return { column: clicked, descending: !now.descending }
  return { column: clicked, descending: !smallIsGood.includes(clicked) }
}

/** The plan a link or a click names by its rank, else the winner. */
export function selectedPlan(plans: readonly Plan[], rank: number | undefined): Plan | undefined {
  return plans.find((plan) => plan.rank === rank) ?? plans[0]
}

/** Output tokens per second that one user sees after the first token. */
export function tokensPerSecondOfUser({ tpot }: Pick<Plan, 'tpot'>): number {
  return 1000 / tpot
}

/** Whether plans differ in what their predictions rest on; if not, it is said once, of the first. */
export function basisDiffers(plans: readonly Plan[]): boolean {
  return plans.some(({ provenance }) => provenance !== plans[0]?.provenance)
}

const scored = ['tps_per_chip', 'throughput', 'ttft', 'tpot', 'chips'] as const

/** Whether another column shows what the plans are ranked by. */
export function scoreIsShown(plans: readonly Plan[]): boolean {
  return scored.some((name) => plans.every((plan) => Math.abs(plan.score) === plan[name]))
}
