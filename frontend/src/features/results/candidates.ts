import type { EChartsCoreOption } from 'echarts/core'
import type { CandidateRow, CandidatesTable } from '@/api/types'
import { pointsFrame } from '@/charts/frames'
import type { Palette } from '@/charts/palette'
import type { Formats } from '@/i18n/format'

export type CandidateFigure = CandidatesTable['figures'][number]
type FrontFigure = CandidatesTable['front_by'][number]

/** A figure of a hypothetical chip; undefined where it has none. */
export function figureOf(row: CandidateRow, figure: CandidateFigure): number | undefined {
  const value = figure === 'price' ? row.usd_per_chip_hour : row[figure]
  return value ?? undefined
}

/** A figure of a chip as people write it, with its unit. */
export function figureText(figure: CandidateFigure, value: number, formats: Formats): string {
  switch (figure) {
    case 'memory_bandwidth':
      return formats.bandwidth(value)
    case 'link_bandwidth':
      return `${formats.figure(value / 1e9)}\u00a0GB/s`
    case 'peak_flops':
      return `${formats.teraflops(value)}\u00a0TFLOP/s`
    case 'memory_capacity':
      return formats.bytes(value)
    case 'price':
      return formats.usd(value)
  }
}

interface Texts {
  readonly name: (figure: FrontFigure) => string
  readonly describe: (row: CandidateRow) => string
  readonly figure: (value: number) => string
  readonly candidates: string
  readonly front: string
  readonly base: string
}

/** Each candidate's best plan by the two figures of the front, the front joined by a line. */
export function candidatesOption(
  table: CandidatesTable,
  palette: Palette,
  texts: Texts,
): EChartsCoreOption {
  const [vertical = 'tps_per_chip', horizontal = 'tpot'] = table.front_by
  const at = (row: CandidateRow) => [row[horizontal] ?? null, row[vertical] ?? null]
  const isFront = new Set(table.front)
  const found = table.rows.filter(({ feasible }) => feasible)
  const series = [
    { name: texts.candidates, rows: found.filter(({ number }) => !isFront.has(number)) },
    {
      name: texts.front,
      rows: found
        .filter(({ number }) => isFront.has(number))
        .toSorted((one, other) => (one[horizontal] ?? 0) - (other[horizontal] ?? 0)),
    },
    { name: texts.base, rows: table.base?.feasible ? [table.base] : [] },
  ]
  const looks = [
    { type: 'scatter', symbolSize: 7, itemStyle: { color: palette.muted, opacity: 0.6 } },
    { type: 'line', symbol: 'circle', symbolSize: 10, color: palette.accent },
    { type: 'scatter', symbol: 'diamond', symbolSize: 14, itemStyle: { color: palette.memory } },
  ]
  return {
    ...pointsFrame(70, palette, {
      horizontal: texts.name(horizontal),
      vertical: texts.name(vertical),
      figure: texts.figure,
      describe: (place, at) => {
        const row = series[place]?.rows[at]
        return row && texts.describe(row)
      },
    }),
    series: series.map(({ name, rows }, place) => ({ name, data: rows.map(at), ...looks[place] })),
  }
}
