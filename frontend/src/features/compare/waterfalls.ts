import type { EChartsCoreOption } from 'echarts/core'
import type { Phase } from '@/api/types'
import { barsFrame } from '@/charts/frames'
import { escapeHtml } from '@/charts/options'
import type { Palette } from '@/charts/palette'
import { isColorUsed, planColor } from './planColor'

const mostSteps = 12

/** One operator, or all that are left, with its milliseconds in each plan. */
export interface Step {
  /** Undefined for all that are left. */
  readonly operator: string | undefined
  readonly times: readonly number[]
  /** When it starts in each plan, after those before it. */
  readonly starts: readonly number[]
}

/** The operators of several plans beneath each other, the longest first, each after the last. */
export function stepsOf(phases: readonly Phase[]): readonly Step[] {
  const timesOf = (name: string) =>
    phases.map(
      ({ operators }) => operators.find((operator) => operator.name === name)?.time_ms ?? 0,
    )
  const names = [...new Set(phases.flatMap(({ operators }) => operators.map(({ name }) => name)))]
  const sorted = names
    .map((operator) => ({ operator, times: timesOf(operator) }))
    .filter(({ times }) => times.some((time) => time > 0))
    .toSorted((a, b) => Math.max(...b.times) - Math.max(...a.times))
  const isLong = sorted.length > mostSteps
  const shown = sorted.slice(0, isLong ? mostSteps - 1 : mostSteps)
  const left = sorted.slice(shown.length)
  const others = phases.map((_, at) => left.reduce((sum, { times }) => sum + (times[at] ?? 0), 0))
  const rows = isLong ? [...shown, { operator: undefined, times: others }] : shown
  let starts = phases.map(() => 0)
  return rows.map(({ operator, times }) => {
    const step = { operator, times, starts }
    starts = starts.map((start, at) => start + (times[at] ?? 0))
    return step
  })
}

interface WaterfallTexts {
  readonly operator: (name: string | undefined) => string
  readonly ms: (value: number) => string
  readonly plans: readonly string[]
}

/** Waterfalls over one another: in each operator's row a bar for each plan, in its colour. */
export function waterfallOption(
  steps: readonly Step[],
  /** The column of each plan in the comparison. */
  columns: readonly number[],
  palette: Palette,
  texts: WaterfallTexts,
): EChartsCoreOption {
  const shown = steps.toReversed()
  return {
    ...barsFrame(24, palette, {
      rows: shown.map(({ operator }) => texts.operator(operator)),
      figure: texts.ms,
      describe: (row) => {
        const step = shown[row]
        if (step === undefined) return ''
        const lines = texts.plans.map(
          (name, at) => `${escapeHtml(name)}: ${texts.ms(step.times[at] ?? 0)}`,
        )
        return [`<b>${escapeHtml(texts.operator(step.operator))}</b>`, ...lines].join('<br>')
      },
    }),
    series: columns.flatMap((column, at) => [
      {
        type: 'bar',
        stack: `plan ${at}`,
        silent: true,
        itemStyle: { color: 'transparent' },
        data: shown.map(({ starts }) => starts[at] ?? 0),
      },
      {
        type: 'bar',
        stack: `plan ${at}`,
        name: texts.plans[at],
        barCategoryGap: '25%',
        barGap: '10%',
        itemStyle: {
          color: planColor(palette, column),
          opacity: isColorUsed(column) ? 0.55 : 1,
        },
        data: shown.map(({ times }) => times[at] ?? 0),
      },
    ]),
  }
}
