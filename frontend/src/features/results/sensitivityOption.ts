import type { EChartsCoreOption } from 'echarts/core'
import type { Effect } from '@/api/types'
import { escapeHtml, tooltipStyle } from '@/charts/options'
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
  return {
    animationDuration: 200,
    grid: { left: 4, right: 12, top: 4, bottom: 22, containLabel: true },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      ...tooltipStyle(palette),
      formatter: (items: readonly { dataIndex: number }[]) => {
        const effect = effects[items[0]?.dataIndex ?? -1]
        if (effect === undefined) return ''
        const lines = effectMetrics.map(
          (metric) => `${texts.metric(metric)}: ${texts.change(effect[metric])}`,
        )
        return [`<b>${escapeHtml(texts.figure(effect.figure))}</b>`, ...lines].join('<br>')
      },
    },
    xAxis: {
      type: 'value',
      min: -end,
      max: end,
      splitNumber: 4,
      axisLabel: {
        color: palette.muted,
        fontSize: 11,
        showMinLabel: false,
        showMaxLabel: false,
        hideOverlap: true,
        formatter: (value: number) => texts.change(value),
      },
      splitLine: { lineStyle: { color: palette.line } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: effects.map(({ figure }) => texts.figure(figure)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: palette.line }, onZero: false },
      axisLabel: { color: palette.text, fontSize: 12 },
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
