import type { EChartsCoreOption } from 'echarts/core'
import { barsFrame } from '@/charts/frames'
import { type Kind, kindColor, kinds, type Times, timeOf } from '@/charts/kinds'
import { escapeHtml } from '@/charts/options'
import type { Palette } from '@/charts/palette'

/** A time under its name: of an operator, of a plan. */
export interface Time extends Times {
  readonly name: string
  readonly time_ms: number
}

interface TimeBarsTexts {
  /** What a row is called. */
  readonly row: (name: string) => string
  readonly kind: (kind: Kind) => string
  readonly ms: (value: number) => string
}

export const timeBarHeight = 22

/** Times as stacked bars by cause, the first on top, each with its total at the end. */
export function timeBarsOption(
  rows: readonly Time[],
  palette: Palette,
  texts: TimeBarsTexts,
): EChartsCoreOption {
  const shown = rows.toReversed()
  const present = kinds.filter((kind) => rows.some((each) => timeOf(each, kind) > 0))
  const longest = Math.max(...rows.map(({ time_ms }) => time_ms))
  const frame = barsFrame(72, palette, {
    rows: shown.map(({ name }) => texts.row(name)),
    figure: texts.ms,
    describe: (row) => {
      const each = shown[row]
      if (each === undefined) return ''
      const lines = kinds
        .filter((kind) => timeOf(each, kind) > 0)
        .map((kind) => `${texts.kind(kind)}: ${texts.ms(timeOf(each, kind))}`)
      const head = `<b>${escapeHtml(texts.row(each.name))}</b> ${texts.ms(each.time_ms)}`
      return [head, ...lines].join('<br>')
    },
  })
  return {
    ...frame,
    xAxis: {
      ...frame.xAxis,
      max: longest,
      axisLabel: { ...frame.xAxis.axisLabel, showMaxLabel: false },
    },
    series: present.map((kind, position) => ({
      type: 'bar',
      stack: 'time',
      name: texts.kind(kind),
      barWidth: 13,
      itemStyle: { color: kindColor(palette, kind) },
      data: shown.map((each) => timeOf(each, kind)),
      label: {
        show: position === present.length - 1,
        position: 'right',
        color: palette.text,
        fontSize: 11,
        formatter: ({ dataIndex }: { dataIndex: number }) =>
          texts.ms(shown[dataIndex]?.time_ms ?? 0),
      },
    })),
  }
}
