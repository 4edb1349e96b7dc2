import type { Points } from '@/api/points'
import type { Comparison } from '@/api/types'
import { betterOf, figureOf, frontOf, type PointFigure } from '@/charts/pointSet'

/** So many points of a task are drawn beside its front. */
const mostOfTask = 12_000

interface Overlaid {
  readonly x: Float64Array
  readonly y: Float64Array
  /** Of each task: where its points are, its front first, by the first figure. */
  readonly parts: readonly { readonly from: number; readonly to: number; readonly front: number }[]
  /** Whose point it is, and which; of the compared plans, which come last, the plan alone. */
  readonly sourceOf: (at: number) => { part: number; point: number } | { plan: number }
}

/** Every so many points, where there are more than are drawn. */
function thinned(count: number): readonly number[] {
  const step = Math.ceil(count / mostOfTask)
  return Array.from({ length: Math.ceil(count / step) }, (_, place) => place * step)
}

/** The points of several tasks and the compared plans as one run of points. */
export function overlaid(
  tasks: readonly Points[],
  plans: readonly Readonly<Record<'x' | 'y', number>>[],
  axes: Readonly<Record<'x' | 'y', PointFigure>>,
): Overlaid {
  const better = { x: betterOf(axes.x), y: betterOf(axes.y) }
  const drawn = tasks.map((points) => {
    const [x, y] = [figureOf(points, axes.x), figureOf(points, axes.y)]
    const front = frontOf(x, y, better)
    return { x, y, front, kept: [...front, ...(points.count === 0 ? [] : thinned(points.count))] }
  })
  const parts: { from: number; to: number; front: number }[] = []
  let end = 0
  for (const { kept, front } of drawn) {
    parts.push({ from: end, to: end + kept.length, front: front.length })
    end += kept.length
  }
  const along = (axis: 'x' | 'y') =>
    Float64Array.from([
      ...drawn.flatMap((each) => each.kept.map((point) => each[axis][point] ?? Number.NaN)),
      ...plans.map((plan) => plan[axis]),
    ])
  return {
    x: along('x'),
    y: along('y'),
    parts,
    sourceOf: (at) => {
      const part = parts.findIndex(({ to }) => at < to)
      const point = drawn[part]?.kept[at - (parts[part]?.from ?? 0)]
      return point === undefined ? { plan: at - end } : { part, point }
    },
  }
}

const metricNames: Partial<Record<PointFigure, string>> = {
  usd_per_million_output_tokens: 'cost',
  joules_per_token: 'energy',
}

/** A figure of a compared plan as points have it; NaN where it has none. */
export function figureOfPlan(
  { results, metrics }: Comparison,
  at: number,
  figure: PointFigure,
): number {
  if (figure === 'batch_size') return results[at]?.batch_size ?? Number.NaN
  const name = figure === 'user' ? 'tpot' : (metricNames[figure] ?? figure)
  const value = metrics.find((metric) => metric.name === name)?.values[at] ?? Number.NaN
  return figure === 'user' ? 1000 / value : value
}
