import type { EChartsCoreOption } from 'echarts/core'
import type { Effect } from '@/api/types'
import { barsFrame } from '@/charts/frames'
import { escapeHtml } from '@/charts/options'
import type { Palette } from '@/charts/palette'

export const effectMetrics = ['throughput', 'ttft', 'tpot'] as const
export type EffectMetric = (typeof effectMetrics)[number]

export const effectRowHeight = 58

/** All matrix units together say the same as the only one of them. */
export function shownEffects(effects: readonly Effect[]): readonly Effect[] {
  const units = effects.filter(({ figure }) => figure.startsWith('hardware.peak_flops.'))
  return units.length === 1 ? effects.filter((effect) => effect !== units[0]) : effects
}

function metricColor(palette: Palette, metric: EffectMetric): string {
  const colors = { throughput: palette.accent, ttft: palette.memory, tpot: palette.communication }
  return colors[metric]
}

interface SensitivityTexts {
  readonly figure: (field: string) => string
  readonly metric: (metric: EffectMetric) => string
  readonly change: (percent: number) => string
}

/** Three bars for each hardware figure, each with its name and percentage at its end. */
export function sensitivityOption(
  effects: readonly Effect[],
  palette: Palette,
  texts: SensitivityTexts,
): EChartsCoreOption {
  const largest = Math.max(
    0.01,
    ...effects.flatMap((effect) => effectMetrics.map((metric) => Math.abs(effect[metric]))),
  )
  // Room at both ends for what is written there.
  const end = largest * 1.45
  const frame = barsFrame(12, palette, {
    rows: effects.map(({ figure }) => texts.figure(figure)),
    figure: texts.change,
    describe: (row) => {
      const effect = effects[row]
      if (effect === undefined) return ''
      const lines = effectMetrics.map(
        (metric) => `${texts.metric(metric)}: ${texts.change(effect[metric])}`,
      )
      return [`<b>${escapeHtml(texts.figure(effect.figure))}</b>`, ...lines].join('<br>')
    },
  })
  return {
    ...frame,
    xAxis: {
      ...frame.xAxis,
      min: -end,
      max: end,
      axisLabel: { ...frame.xAxis.axisLabel, showMinLabel: false, showMaxLabel: false },
    },
    yAxis: {
      ...frame.yAxis,
      inverse: true,
      axisLine: { ...frame.yAxis.axisLine, onZero: false },
    },
    series: effectMetrics.map((metric) => ({
      type: 'bar',
      name: texts.metric(metric),
      barWidth: 12,
      itemStyle: { color: metricColor(palette, metric) },
      data: effects.map((effect) => ({
        value: effect[metric],
        label: { position: effect[metric] < 0 ? 'left' : 'right' },
      })),
      label: {
        show: true,
        color: palette.text,
        fontSize: 11,
        formatter: ({ value }: { value: number }) =>
          `${texts.metric(metric)} ${texts.change(value)}`,
      },
    })),
  }
}
