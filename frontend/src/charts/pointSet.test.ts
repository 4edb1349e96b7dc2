import { expect, test } from 'vitest'
import { type Points, pointsIn } from '@/api/points'
import { extentOf, linearTicks, logTicks, scaleOf } from '@/charts/scale'
import { filterOf, frontOf, planOfKey, pointKey, pointOfKey, pointsCsv, rowsOf } from './pointSet'

const points: Points = {
  count: 4,
  feasible: 4,
  columns: {
    dp: Uint8Array.of(1, 2, 4, 8),
    tp: Uint8Array.of(8, 4, 2, 1),
    pp: Uint8Array.of(1, 1, 1, 1),
    ep: Uint8Array.of(1, 1, 1, 8),
    sp: Uint8Array.of(1, 1, 1, 1),
    moe_tp: Uint8Array.of(1, 1, 1, 1),
    chips: Uint8Array.of(8, 8, 8, 8),
    batch_size: Uint16Array.of(16, 64, 256, 512),
    tps_per_chip: Float32Array.of(100, 200, 150, 400),
    tpot: Float32Array.of(10, 20, 25, 40),
  },
}
const x = points.columns.tpot ?? []
const y = points.columns.tps_per_chip ?? []
const all = () => true

test('columns are read in place, whatever their type', () => {
  const data = new ArrayBuffer(12)
  new Uint8Array(data).set([3, 7])
  new Float32Array(data, 4).set([1.5, 2.5])
  const column = (name: string, type: 'uint8' | 'float32', offset: number) => ({
    ...{ name, type, offset },
    unit: '',
  })
  const columns = [column('tp', 'uint8', 0), column('tpot', 'float32', 4)]
  const read = pointsIn({ points: 2, feasible: 5, bytes: 12, digits: 12, columns }, data)
  expect([...(read.columns.tp ?? [])]).toEqual([3, 7])
  expect([...(read.columns.tpot ?? [])]).toEqual([1.5, 2.5])
  expect(read.feasible).toBe(5)
})

test('the front is what nothing beats in both figures', () => {
  expect(frontOf(x, y, { x: -1, y: 1 })).toEqual([0, 1, 3])
})

test('a point has an address', () => {
  expect(pointKey(points, 3)).toBe('8-1-1-8-1-1-1@512')
  expect(pointOfKey(points, '8-1-1-8-1-1-1@512')).toBe(3)
  expect(planOfKey('8-1-1-8-1-1-1@512')?.batch_size).toBe(512)
  expect(planOfKey('nonsense')).toBeUndefined()
})

test('points are filtered by words, and what says nothing is told', () => {
  const { test: pass, unknown } = filterOf(points, 'tp >= 2 tpot<25, fast')
  expect([0, 1, 2, 3].filter(pass)).toEqual([0, 1])
  expect(unknown).toEqual(['fast'])
})

test('a rectangle keeps what is in it, in the order of the table', () => {
  const box = { x: [15, 30], y: [0, 300] } as const
  expect(rowsOf(4, all, { box, x, y }, { by: y, descending: true })).toEqual([1, 2])
  expect(rowsOf(4, all, { box: undefined, x, y }, { by: x, descending: false })).toEqual([
    0, 1, 2, 3,
  ])
})

test('points are saved with all their columns', () => {
  const [head, first] = pointsCsv(points, [1]).split('\n')
  expect(head).toContain('tps_per_chip,tpot')
  expect(first).toBe('2,4,1,1,1,1,8,64,200,20')
})

test('axes have round figures', () => {
  expect(linearTicks({ low: 3, high: 27 }, 6)).toEqual([5, 10, 15, 20, 25])
  expect(logTicks({ low: 3, high: 60 })).toEqual([5, 10, 20, 50])
  const scale = scaleOf(extentOf([1, 100]), 0, 200, true)
  expect(scale.place(10)).toBeCloseTo(100)
  expect(scale.value(100)).toBeCloseTo(10)
})
