import type { Points } from '@/api/points'
import type { Parallelism } from '@/api/types'
import type { Box } from '@/charts/PointsCanvas'

export const degreeNames = ['dp', 'tp', 'pp', 'ep', 'sp', 'moe_tp', 'dcp'] as const

/** What points are drawn by and sorted by. */
export const pointFigures = [
  'tps_per_chip',
  'throughput',
  'user',
  'ttft',
  'tpot',
  'chips',
  'batch_size',
  'usd_per_million_output_tokens',
  'joules_per_token',
  'probability',
] as const
export type PointFigure = (typeof pointFigures)[number]

/** A figure of all points: speed for one user is 1000 / TPOT. */
export function figureOf({ columns }: Points, figure: PointFigure): ArrayLike<number> {
  if (figure !== 'user') return columns[figure] ?? []
  const tpot = columns.tpot
  return tpot === undefined ? [] : Float32Array.from(tpot, (value) => 1000 / value)
}

/** One figure of one point. */
export function figureAt({ columns }: Points, figure: PointFigure, point: number): number {
  if (figure !== 'user') return columns[figure]?.[point] ?? Number.NaN
  return 1000 / (columns.tpot?.[point] ?? Number.NaN)
}

export function parallelismOf({ columns }: Points, point: number): Parallelism {
  const degree = (name: (typeof degreeNames)[number]) => columns[name]?.[point] ?? 1
  return {
    dp: degree('dp'),
    tp: degree('tp'),
    pp: degree('pp'),
    ep: degree('ep'),
    sp: degree('sp'),
    moe_tp: degree('moe_tp'),
    dcp: degree('dcp'),
  }
}

export interface PointPlan {
  readonly parallelism: Parallelism
  readonly batch_size: number
}

/** "32-2-1-64-1-1-1@512": a point in an address. */
export function pointKey(points: Points, point: number): string {
  const degrees = parallelismOf(points, point)
  return `${degreeNames.map((name) => degrees[name]).join('-')}@${points.columns.batch_size?.[point] ?? 1}`
}

/** The plan and the concurrency of a point in an address. */
export function planOfKey(key: string): PointPlan | undefined {
  const numbers = /^(\d+)-(\d+)-(\d+)-(\d+)-(\d+)-(\d+)-(\d+)@(\d+)$/
    .exec(key)
    ?.slice(1)
    .map(Number)
  if (numbers === undefined) return undefined
  const [dp = 1, tp = 1, pp = 1, ep = 1, sp = 1, moe_tp = 1, dcp = 1, batch_size = 1] = numbers
  return { parallelism: { dp, tp, pp, ep, sp, moe_tp, dcp }, batch_size }
}

export function pointOfKey(points: Points, key: string | undefined): number | undefined {
  if (key === undefined) return undefined
  for (let point = 0; point < points.count; point += 1) {
    if (pointKey(points, point) === key) return point
  }
  return undefined
}

/** The points of which none is better in both figures, by the first of them. */
export function frontOf(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  better: { readonly x: 1 | -1; readonly y: 1 | -1 },
): readonly number[] {
  const order = Array.from({ length: x.length }, (_, point) => point)
    .filter((point) => Number.isFinite(x[point]) && Number.isFinite(y[point]))
    .sort(
      (a, b) => better.x * ((x[b] ?? 0) - (x[a] ?? 0)) || better.y * ((y[b] ?? 0) - (y[a] ?? 0)),
    )
  let best = Number.NEGATIVE_INFINITY
  return order.filter((point) => {
    const value = better.y * (y[point] ?? 0)
    if (value <= best) return false
    best = value
    return true
  })
}

/** Whether more of a figure is better. */
export function betterOf(figure: PointFigure): 1 | -1 {
  const small: readonly PointFigure[] = [
    'ttft',
    'tpot',
    'chips',
    'usd_per_million_output_tokens',
    'joules_per_token',
  ]
  return small.includes(figure) ? -1 : 1
}

/** "tp=8 chips<=32": each word a figure or degree, a comparison, and a number. */
const condition = /^([a-z_]+)(<=|>=|=|<|>)(-?[\d.]+(?:e\d+)?)$/

type Test = (point: number) => boolean

function testOf(points: Points, word: string): Test | undefined {
  const [, name = '', comparison, text] = condition.exec(word) ?? []
  const values = name === 'user' ? figureOf(points, 'user') : points.columns[name]
  if (comparison === undefined || values === undefined) return undefined
  const number = Number(text)
  const read = (point: number) => values[point] ?? Number.NaN
  switch (comparison) {
    case '<=':
      return (point) => read(point) <= number
    case '>=':
      return (point) => read(point) >= number
    case '<':
      return (point) => read(point) < number
    case '>':
      return (point) => read(point) > number
    default:
      return (point) => read(point) === number
  }
}

export interface Filter {
  readonly test: Test
  /** Words that say nothing. */
  readonly unknown: readonly string[]
}

export function filterOf(points: Points, text: string): Filter {
  const words = text
    .toLowerCase()
    .replaceAll(/\s*(<=|>=|=|<|>)\s*/g, '$1')
    .split(/[\s,;]+/)
    .filter((word) => word !== '')
  const tests = words.map((word) => ({ word, test: testOf(points, word) }))
  const known = tests.flatMap(({ test }) => (test === undefined ? [] : [test]))
  return {
    test: (point) => known.every((test) => test(point)),
    unknown: tests.filter(({ test }) => test === undefined).map(({ word }) => word),
  }
}

interface Order {
  readonly by: ArrayLike<number>
  readonly descending: boolean
}

/** The points that pass, within the box if there is one, in order. */
export function rowsOf(
  count: number,
  pass: Test,
  within: { box: Box | undefined; x: ArrayLike<number>; y: ArrayLike<number> },
  { by, descending }: Order,
): readonly number[] {
  const { box, x, y } = within
  const inside = ([low, high]: readonly [number, number], value = Number.NaN) =>
    value >= low && value <= high
  const sign = descending ? -1 : 1
  const rows: number[] = []
  for (let point = 0; point < count; point += 1) {
    if (box !== undefined && !(inside(box.x, x[point]) && inside(box.y, y[point]))) continue
    if (pass(point)) rows.push(point)
  }
  return rows.sort((a, b) => sign * ((by[a] ?? 0) - (by[b] ?? 0)) || a - b)
}

/** The points of some rows as comma-separated values, every column of them. */
export function pointsCsv({ columns }: Points, rows: readonly number[]): string {
  const names = Object.keys(columns)
  const line = (point: number) =>
    names.map((name) => Number((columns[name]?.[point] ?? Number.NaN).toPrecision(5))).join(',')
  return `${[names.join(','), ...rows.map(line)].join('\n')}\n`
}
