import { figureAxis, tooltipStyle, tooltipText } from '@/charts/options'
import type { Palette } from '@/charts/palette'

interface PointTexts {
  readonly horizontal: string
  readonly vertical: string
  readonly figure: (value: number) => string
  /** A point in lines; undefined where there is none. */
  readonly describe: (series: number, point: number) => string | undefined
}

/** What charts of points have around them; figures and name of the upright axis take `left`. */
export function pointsFrame(left: number, palette: Palette, texts: PointTexts) {
  return {
    animationDuration: 200,
    grid: { left, right: 24, top: 34, bottom: 46 },
    legend: { top: 0, right: 8, textStyle: { color: palette.text } },
    tooltip: {
      trigger: 'item',
      ...tooltipStyle(palette),
      formatter: ({ seriesIndex, dataIndex }: { seriesIndex: number; dataIndex: number }) =>
        tooltipText(texts.describe(seriesIndex, dataIndex)),
    },
    xAxis: figureAxis(palette, texts.horizontal, 28, texts.figure),
    yAxis: figureAxis(palette, texts.vertical, left - 16, texts.figure),
  }
}

interface BarTexts {
  readonly rows: readonly string[]
  readonly figure: (value: number) => string
  /** What is said of a row, as markup; empty where there is none. */
  readonly describe: (row: number) => string
}

/** What bars beneath each other have around them; what is written at their ends takes `right`. */
export function barsFrame(right: number, palette: Palette, texts: BarTexts) {
  return {
    animationDuration: 200,
    grid: { left: 4, right, top: 4, bottom: 22, containLabel: true },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      ...tooltipStyle(palette),
      formatter: (items: readonly { dataIndex: number }[]) =>
        texts.describe(items[0]?.dataIndex ?? -1),
    },
    xAxis: {
      type: 'value',
      splitNumber: 4,
      axisLabel: {
        color: palette.muted,
        fontSize: 11,
        formatter: (value: number) => texts.figure(value),
        hideOverlap: true,
      },
      splitLine: { lineStyle: { color: palette.line } },
    },
    yAxis: {
      type: 'category',
      data: texts.rows,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: palette.line } },
      axisLabel: { color: palette.text, fontSize: 12 },
    },
  }
}
