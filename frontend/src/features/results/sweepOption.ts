import type { EChartsCoreOption } from 'echarts/core'
import type { SweepPoint, SweepTable } from '@/api/types'
import { figureAxis, namedAxis, tooltipStyle, tooltipText } from '@/charts/options'
import type { Palette } from '@/charts/palette'
import type { SweepMetric } from '@/searchParams'
import { isBest, metricOf } from './sweep'

interface SweepTexts {
  readonly metric: string
  readonly figure: (value: number) => string
  readonly describe: (point: SweepPoint) => string
  readonly feasible: string
  readonly infeasible: string
  readonly best: string
}

const cross = 'path://M0,2 L2,0 L6,4 L10,0 L12,2 L8,6 L12,10 L10,12 L6,8 L2,12 L0,10 L4,6 Z'

function tooltip(
  palette: Palette,
  point: (index: number) => SweepPoint | undefined,
  t: SweepTexts,
) {
  return {
    trigger: 'item',
    ...tooltipStyle(palette),
    extraCssText: 'max-width: 360px; white-space: normal;',
    formatter: ({ dataIndex }: { dataIndex: number }) => {
      const shown = point(dataIndex)
      return tooltipText(shown && t.describe(shown))
    },
  }
}

/** One swept field: a line through the feasible points, crosses where none is. */
function lineOption(
  sweep: SweepTable,
  metric: SweepMetric,
  palette: Palette,
  texts: SweepTexts,
): EChartsCoreOption {
  const { points, axes } = sweep
  const values = (feasible: boolean) =>
    points.map((point) => (point.feasible === feasible ? metricOf(point, metric) : null))
  return {
    animationDuration: 200,
    grid: { left: 70, right: 24, top: 34, bottom: 46 },
    legend: { top: 0, right: 8, textStyle: { color: palette.text } },
    tooltip: tooltip(palette, (index) => points[index], texts),
    xAxis: {
      ...namedAxis(palette, axes[0]?.field ?? '', 28),
      type: 'category',
      data: axes[0]?.labels ?? [],
    },
    yAxis: figureAxis(palette, texts.metric, 54, texts.figure),
    series: [
      {
        type: 'line',
        name: texts.feasible,
        symbol: 'circle',
        symbolSize: 8,
        lineStyle: { color: palette.accent },
        itemStyle: { color: palette.accent },
        data: values(true).map((value, index) => {
          const point = points[index]
          const best = point?.feasible === true && isBest(sweep, point)
          return {
            value,
            symbolSize: best ? 14 : 8,
            label: {
              show: best,
              position: 'top',
              color: palette.text,
              formatter: texts.best,
            },
          }
        }),
      },
      {
        type: 'scatter',
        name: texts.infeasible,
        symbol: cross,
        symbolSize: 11,
        itemStyle: { color: palette.memory },
        data: values(false),
      },
    ],
  }
}

/** Half way between two colours "#rrggbb": the text of the page can be read on it. */
function mixed(one: string, other: string): string {
  const channels = [1, 3, 5].map((start) => {
    const [a, b] = [one, other].map((color) => Number.parseInt(color.slice(start, start + 2), 16))
    return Math.round(((a ?? 0) + (b ?? 0)) / 2)
      .toString(16)
      .padStart(2, '0')
  })
  return `#${channels.join('')}`
}

/** Two swept fields: the first upwards, the second to the right; crosses in grey where none fits. */
function heatOption(
  sweep: SweepTable,
  metric: SweepMetric,
  palette: Palette,
  texts: SweepTexts,
): EChartsCoreOption {
  const { points, axes } = sweep
  const figures = points.flatMap((point) => {
    const value = point.feasible ? metricOf(point, metric) : null
    return value === null ? [] : [value]
  })
  const label = (point: SweepPoint) => {
    const value = metricOf(point, metric)
    const text = value === null ? '–' : texts.figure(value)
    if (!point.feasible) return `✗ ${text}`
    return isBest(sweep, point) ? `★ ${text}` : text
  }
  const lowest = figures.length === 0 ? 0 : Math.min(...figures)
  const highest = figures.length === 0 ? 1 : Math.max(...figures)
  const few = points.length <= 200
  return {
    animationDuration: 200,
    grid: { left: 76, right: 100, top: 8, bottom: 46 },
    tooltip: tooltip(palette, (index) => points[index], texts),
    xAxis: {
      ...namedAxis(palette, axes[1]?.field ?? '', 28),
      type: 'category',
      data: axes[1]?.labels ?? [],
    },
    yAxis: {
      ...namedAxis(palette, axes[0]?.field ?? '', 56),
      type: 'category',
      data: axes[0]?.labels ?? [],
    },
    visualMap: {
      min: lowest,
      max: highest,
      calculable: false,
      orient: 'vertical',
      right: 4,
      top: 'middle',
      inRange: { color: [palette.surface, mixed(palette.surface, palette.accent)] },
      text: [texts.figure(highest), texts.figure(lowest)],
      textStyle: { color: palette.muted, fontSize: 11 },
      formatter: (value: number) => texts.figure(value),
    },
    series: [
      {
        type: 'heatmap',
        label: {
          show: few,
          color: palette.text,
          fontSize: 11,
          formatter: ({ dataIndex }: { dataIndex: number }) => {
            const point = points[dataIndex]
            return point === undefined ? '' : label(point)
          },
        },
        itemStyle: { borderColor: palette.line, borderWidth: 1 },
        data: points.map((point) => ({
          value: [point.index[1] ?? 0, point.index[0] ?? 0, metricOf(point, metric) ?? 0],
          ...(point.feasible ? {} : { visualMap: false, itemStyle: { color: palette.line } }),
        })),
      },
    ],
  }
}

export function sweepOption(
  sweep: SweepTable,
  metric: SweepMetric,
  palette: Palette,
  texts: SweepTexts,
): EChartsCoreOption {
  const option = sweep.axes.length > 1 ? heatOption : lineOption
  return option(sweep, metric, palette, texts)
}
