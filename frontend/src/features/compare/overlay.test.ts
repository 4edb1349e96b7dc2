import { expect, test } from 'vitest'
import type { Points } from '@/api/points'
import type { Comparison } from '@/api/types'
import { figureOfPlan, overlaid } from './overlay'

function points(tpot: readonly number[], tps_per_chip: readonly number[]): Points {
  const columns = { tpot: Float32Array.from(tpot), tps_per_chip: Float32Array.from(tps_per_chip) }
  return { count: tpot.length, feasible: tpot.length, columns }
}

const axes = { x: 'user', y: 'tps_per_chip' } as const
const first = points([10, 20, 25], [100, 200, 150])
const second = points([50], [500])

test('the points of all tasks stand in one run, each front first, the plans last', () => {
  const { x, y, parts, sourceOf } = overlaid([first, second], [{ x: 100, y: 100 }], axes)
  // The third point is slower and of less throughput than the second.
  expect(parts).toEqual([
    { from: 0, to: 5, front: 2 },
    { from: 5, to: 7, front: 1 },
  ])
  expect([...x]).toEqual([100, 50, 100, 50, 40, 20, 20, 100])
  expect([...y].slice(0, 2)).toEqual([100, 200])
  expect(sourceOf(1)).toEqual({ part: 0, point: 1 })
  expect(sourceOf(5)).toEqual({ part: 1, point: 0 })
  expect(sourceOf(7)).toEqual({ plan: 0 })
})

test('of very many points some are left out, of the front none', () => {
  const many = Array.from({ length: 30_001 }, (_, place) => place + 1)
  const { parts } = overlaid([points(many, many)], [], axes)
  expect(parts).toEqual([{ from: 0, to: 30_001 + 10_001, front: 30_001 }])
})

test('a task without points has a part with none', () => {
  expect(overlaid([points([], []), second], [], axes).parts[0]).toEqual({
    from: 0,
    to: 0,
    front: 0,
  })
})

test('a compared plan has the figures of points by their own names', () => {
  const metric = (name: string, values: (number | null)[]) => ({ name, values })
  const comparison = {
    results: [{ batch_size: 64 }, { batch_size: null }],
    metrics: [metric('tpot', [20, 40]), metric('cost', [0.5, null])],
  } as unknown as Comparison
  const figure = (at: number, name: Parameters<typeof figureOfPlan>[2]) =>
    figureOfPlan(comparison, at, name)
  expect(figure(0, 'user')).toBe(50)
  expect(figure(0, 'usd_per_million_output_tokens')).toBe(0.5)
  expect(figure(1, 'usd_per_million_output_tokens')).toBeNaN()
  expect([figure(0, 'batch_size'), figure(1, 'batch_size')]).toEqual([64, Number.NaN])
  expect(figure(0, 'probability')).toBeNaN()
})
