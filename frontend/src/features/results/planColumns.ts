import type { Plan } from '@/api/types'
import { planTitle } from '@/compactPlan'
import type { SortColumn } from '@/searchParams'

/** A column of the ranked plans that says something of each. */
export type Figure = Exclude<SortColumn, 'rank'> | 'provenance' | 'beaten' | `keeps ${string}`

/** What takes of the width, about: a column, a character of a plan's name, all else; in pixels. */
const usual = { figure: 88, character: 8, others: 140 }
/** Shown however narrow the table is: what plans are chosen by. */
const always: readonly Figure[] = ['tps_per_chip', 'throughput', 'ttft', 'tpot']
/** The next to be shown; the others follow in their order. */
const next: readonly Figure[] = ['chips', 'batch_size', 'provenance']

export function areFigures(value: unknown): value is readonly Figure[] | null {
  return Array.isArray(value) && value.every((key) => typeof key === 'string')
}

/** Which columns have room, of those there are: what all plans have alike comes last. */
export function figuresShown(
  figures: readonly Figure[],
  plans: readonly Pick<Plan, 'chips' | 'batch_size' | 'parallelism' | 'pools'>[],
  width: number | undefined,
): readonly Figure[] {
  if (width === undefined) return figures
  const isAlike = (figure: Figure) =>
    (figure === 'chips' || figure === 'batch_size') &&
    plans.every((plan) => plan[figure] === plans[0]?.[figure])
  const rank = (figure: Figure) => {
    if (isAlike(figure)) return 3
    return always.includes(figure) ? 0 : next.includes(figure) ? 1 : 2
  }
  const lines = plans.flatMap((plan) => planTitle(plan).split(' + '))
  const names = usual.character * Math.max(0, ...lines.map(({ length }) => length))
  const left = width - usual.others - names
  const room = Math.max(always.length, Math.floor(left / usual.figure))
  return figures.toSorted((a, b) => rank(a) - rank(b)).slice(0, room)
}
