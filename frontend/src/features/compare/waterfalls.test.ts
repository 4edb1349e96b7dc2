import { expect, test } from 'vitest'
import type { Phase } from '@/api/types'
import { colorsOf } from '@/theme'
import { stepsOf, waterfallOption } from './waterfalls'

const phase = (times: Readonly<Record<string, number>>): Phase => ({
  ...{ compute_ms: 0, memory_ms: 0, communication_ms: 0, overhead_ms: 0, waiting_ms: 0 },
  total_ms: Object.values(times).reduce((sum, time) => sum + time, 0),
  operators: Object.entries(times).map(([name, time_ms]) => ({
    ...{ compute_ms: 0, memory_ms: 0, communication_ms: 0, overhead_ms: 0, waiting_ms: 0 },
    name,
    time_ms,
  })),
})

test('each operator begins where the one before it ends, in every plan', () => {
  const steps = stepsOf([phase({ norms: 1, attention: 5 }), phase({ attention: 4, all_reduce: 2 })])
  expect(steps).toEqual([
    { operator: 'attention', times: [5, 4], starts: [0, 0] },
    { operator: 'all_reduce', times: [0, 2], starts: [5, 4] },
    { operator: 'norms', times: [1, 0], starts: [5, 6] },
  ])
})

test('what is left of many operators is one step, and nothing is lost', () => {
  const names = Array.from({ length: 20 }, (_, place) => [`operator ${place}`, 20 - place] as const)
  const all = phase(Object.fromEntries(names))
  const steps = stepsOf([all])
  expect(steps).toHaveLength(12)
  expect(steps.at(-1)?.operator).toBeUndefined()
  expect((steps.at(-1)?.starts[0] ?? 0) + (steps.at(-1)?.times[0] ?? 0)).toBe(all.total_ms)
})

test('bars have the colours of their columns', () => {
  const steps = stepsOf([phase({ norms: 1 }), phase({ norms: 2 })])
  const option = waterfallOption(steps, [0, 2], colorsOf.light, {
    operator: (name) => name ?? 'others',
    ms: String,
    plans: ['1 TP8', '3 TP4'],
  }) as unknown as { series: { name?: string; itemStyle: { color: string } }[] }
  const bars = option.series.filter(({ name }) => name !== undefined)
  expect(bars.map(({ name, itemStyle }) => [name, itemStyle.color])).toEqual([
    ['1 TP8', colorsOf.light.accent],
    ['3 TP4', colorsOf.light.communication],
  ])
})
