import type { EChartsCoreOption } from 'echarts/core'
import type { Explanation } from '@/api/explain'
import { namedAxis, tooltipStyle, tooltipText } from '@/charts/options'
import type { Palette } from '@/charts/palette'

type Phase = Explanation['phases'][number]
type Operator = Phase['operators'][number]

interface RooflineTexts {
  readonly intensity: string
  readonly speed: string
  readonly figure: (value: number) => string
  readonly describe: (operator: Operator) => string
}

/** The operators that compute and read something: what waits has no place under a roof. */
export function workingOperators({ operators }: Phase): readonly Operator[] {
  return operators.filter(({ flops, intensity }) => (flops ?? 0) > 0 && intensity != null)
}

/** FLOP per second while an operator runs, as a share of its unit's peak makes it. */
export function speedOf({ ceilings }: Phase, operator: Operator): number {
  const peak = operator.unit == null ? undefined : ceilings.peak_flops[operator.unit]
  if (peak !== undefined && operator.compute_reach != null) return operator.compute_reach * peak
  return (operator.memory_reach ?? 0) * ceilings.memory_bandwidth * (operator.intensity ?? 0)
}

/** A roof: what the bandwidth allows up to its ridge, then the peak. */
export function roof(bandwidth: number, peak: number, [low, high]: readonly [number, number]) {
  const ridge = peak / bandwidth
  return [
    [low, Math.min(peak, low * bandwidth)],
    ...(ridge > low && ridge < high ? [[ridge, peak]] : []),
    [high, Math.min(peak, high * bandwidth)],
  ]
}

/** Operators by intensity and speed, log against log, beneath the roofs of the units they use. */
export function rooflineOption(
  phase: Phase,
  palette: Palette,
  texts: RooflineTexts,
): EChartsCoreOption {
  const operators = workingOperators(phase)
  const { peak_flops, memory_bandwidth } = phase.ceilings
  const intensities = operators.map(({ intensity }) => intensity ?? 1)
  const range = [
    10 ** Math.floor(Math.log10(Math.min(1, ...intensities))),
    10 ** Math.ceil(Math.log10(Math.max(1000, ...intensities))),
  ] as const
  const used = new Set(operators.map(({ unit }) => unit))
  const roofs = Object.entries(peak_flops).filter(([unit]) => used.has(unit))
  const longest = Math.max(...operators.map(({ time_ms }) => time_ms))
  const axis = (name: string, nameGap: number) => ({
    ...namedAxis(palette, name, nameGap),
    type: 'log',
    splitLine: { lineStyle: { color: palette.line } },
  })
  return {
    animationDuration: 200,
    grid: { left: 66, right: 24, top: 18, bottom: 46 },
    tooltip: {
      trigger: 'item',
      ...tooltipStyle(palette),
      formatter: ({ seriesIndex, dataIndex }: { seriesIndex: number; dataIndex: number }) => {
        const operator = seriesIndex === 0 ? operators[dataIndex] : undefined
        return tooltipText(operator && texts.describe(operator))
      },
    },
    xAxis: { ...axis(texts.intensity, 28), min: range[0], max: range[1] },
    yAxis: {
      ...axis(texts.speed, 50),
      axisLabel: {
        color: palette.muted,
        fontSize: 11,
        formatter: (value: number) => texts.figure(value / 1e12),
      },
    },
    series: [
      {
        type: 'scatter',
        data: operators.map((operator) => ({
          value: [operator.intensity, speedOf(phase, operator)],
          symbolSize: 7 + 15 * Math.sqrt(operator.time_ms / longest),
          itemStyle: {
            color: palette[operator.cause],
            opacity: 0.8,
            borderColor: palette.surface,
          },
        })),
      },
      ...roofs.map(([unit, peak]) => ({
        type: 'line',
        name: unit,
        silent: true,
        symbol: 'none',
        data: roof(memory_bandwidth, peak, range),
        lineStyle: { color: palette.muted, width: 1.4 },
        endLabel: {
          show: true,
          formatter: unit,
          color: palette.muted,
          align: 'right',
          offset: [-4, -10],
          fontSize: 11,
        },
      })),
    ],
  }
}
