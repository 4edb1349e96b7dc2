import type { EChartsCoreOption } from 'echarts/core'
import type { ComparedMetric } from '@/api/types'
import { escapeHtml, tooltipStyle } from '@/charts/options'
import type { Palette } from '@/charts/palette'
import { isColorUsed, planColor } from './planColor'

interface ParallelTexts {
  readonly metric: (metric: ComparedMetric) => string
  readonly value: (metric: ComparedMetric, value: number) => string
  readonly plans: readonly string[]
}

/** Figures that every plan has and that differ: an axis for the others would show nothing. */
export function axesOf(metrics: readonly ComparedMetric[]): readonly ComparedMetric[] {
  return metrics.filter(
    ({ values }) =>
      values.every((value) => value !== null) && values.some((value) => value !== values[0]),
  )
}

/** Each plan as a line over all figures, the good end of every axis on top. */
export function parallelOption(
  axes: readonly ComparedMetric[],
  base: number,
  palette: Palette,
  texts: ParallelTexts,
): EChartsCoreOption {
  return {
    animationDuration: 200,
    tooltip: { trigger: 'item', ...tooltipStyle(palette) },
    legend: { bottom: 0, type: 'plain', textStyle: { color: palette.text, fontSize: 12 } },
    parallel: { left: 48, right: 60, top: 44, bottom: 34 + 22 * Math.ceil(texts.plans.length / 4) },
    parallelAxis: axes.map((metric, dim) => ({
      dim,
      name: texts.metric(metric),
      nameTextStyle: { color: palette.text, fontSize: 11 },
      nameGap: 14,
      // Where less is better the axis runs downward.
      inverse: metric.better === 'lower',
      nameLocation: metric.better === 'lower' ? 'start' : 'end',
      scale: true,
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { lineStyle: { color: palette.line } },
      axisLabel: {
        color: palette.muted,
        fontSize: 10,
        formatter: (value: number) => texts.value(metric, value),
      },
    })),
    series: texts.plans.map((name, at) => ({
      type: 'parallel',
      name,
      color: planColor(palette, at),
      lineStyle: {
        color: planColor(palette, at),
        width: at === base ? 4 : 2,
        opacity: 0.9,
        type: isColorUsed(at) ? 'dashed' : 'solid',
      },
      tooltip: {
        formatter: () =>
          [
            `<b>${escapeHtml(name)}</b>`,
            ...axes.map((metric) =>
              escapeHtml(`${texts.metric(metric)}: ${texts.value(metric, metric.values[at] ?? 0)}`),
            ),
          ].join('<br>'),
      },
      data: [axes.map(({ values }) => values[at] ?? 0)],
    })),
  }
}
