import type { EChartsCoreOption } from 'echarts/core'
import type { OperatorTime, Plan } from '@/api/types'
import type { Palette } from '@/charts/palette'
import { intervalOf, perChipInterval, perUserInterval } from './certainty'
import { type Kind, kindColor, kinds, timeOf } from './kinds'
import { planTitle, tokensPerSecondOfUser } from './planText'

/** Text that came from a server or a user must not become markup in a tooltip. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

export function tooltipStyle(palette: Palette) {
  return {
    backgroundColor: palette.surface,
    borderColor: palette.line,
    textStyle: { color: palette.text, fontSize: 12 },
    confine: true,
  }
}

/** An axis with its name along it. */
export function namedAxis(palette: Palette, name: string, nameGap: number) {
  return {
    name,
    nameGap,
    nameLocation: 'middle',
    nameTextStyle: { color: palette.muted, fontSize: 12 },
    axisLabel: { color: palette.muted, fontSize: 11, hideOverlap: true },
    axisLine: { lineStyle: { color: palette.line } },
  }
}

/** The same for figures: with lines across, and not forced to start at zero. */
export function figureAxis(
  palette: Palette,
  name: string,
  nameGap: number,
  figure: (value: number) => string,
) {
  const axis = namedAxis(palette, name, nameGap)
  return {
    ...axis,
    type: 'value',
    scale: true,
    axisLabel: { ...axis.axisLabel, formatter: (value: number) => figure(value) },
    splitLine: { lineStyle: { color: palette.line } },
  }
}

/** Text of a tooltip, line by line. */
export function tooltipText(text: string | undefined): string {
  return escapeHtml(text ?? '').replaceAll('\n', '<br>')
}

interface OperatorChartTexts {
  readonly operator: (name: string) => string
  readonly kind: (kind: Kind) => string
  readonly ms: (value: number) => string
}

export const operatorRowHeight = 22

/** Operators as stacked bars by cause, the longest on top, each with its total at the end. */
export function operatorOption(
  operators: readonly OperatorTime[],
  palette: Palette,
  texts: OperatorChartTexts,
): EChartsCoreOption {
  const shown = operators.toReversed()
  const present = kinds.filter((kind) => operators.some((each) => timeOf(each, kind) > 0))
  const longest = Math.max(...operators.map(({ time_ms }) => time_ms))
  return {
    animationDuration: 200,
    grid: { left: 4, right: 72, top: 4, bottom: 22, containLabel: true },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      ...tooltipStyle(palette),
      formatter: (items: readonly { dataIndex: number }[]) => {
        const each = shown[items[0]?.dataIndex ?? -1]
        if (each === undefined) return ''
        const lines = kinds
          .filter((kind) => timeOf(each, kind) > 0)
          .map((kind) => `${texts.kind(kind)}: ${texts.ms(timeOf(each, kind))}`)
        const head = `<b>${escapeHtml(texts.operator(each.name))}</b> ${texts.ms(each.time_ms)}`
        return [head, ...lines].join('<br>')
      },
    },
    xAxis: {
      type: 'value',
      max: longest,
      splitNumber: 4,
      axisLabel: {
        color: palette.muted,
        fontSize: 11,
        formatter: (value: number) => texts.ms(value),
        hideOverlap: true,
        showMaxLabel: false,
      },
      splitLine: { lineStyle: { color: palette.line } },
    },
    yAxis: {
      type: 'category',
      data: shown.map(({ name }) => texts.operator(name)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: palette.line } },
      axisLabel: { color: palette.text, fontSize: 12 },
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

export type ScatterAxis = 'user' | 'tpot'

interface ScatterTexts {
  readonly horizontal: string
  readonly vertical: string
  readonly figure: (value: number) => string
  readonly describe: (plan: Plan) => string
}

type Point = readonly [x: number, y: number]

/** One error bar with a cap at each end, which neither answers clicks nor hides a point. */
function errorBar(ends: readonly [Point, Point], cap: readonly number[], color: string) {
  return {
    type: 'line',
    data: ends,
    silent: true,
    animation: false,
    symbol: 'rect',
    symbolSize: cap,
    z: 5,
    lineStyle: { color, width: 1.4 },
    itemStyle: { color },
  }
}

/** The 80 % intervals of one plan, along both axes, as far as it has them. */
function errorBars(plan: Plan | undefined, axis: ScatterAxis, color: string) {
  if (plan === undefined) return []
  const x = scatterX(plan, axis)
  const y = plan.tps_per_chip
  const across = axis === 'tpot' ? intervalOf(plan, 'tpot') : perUserInterval(plan)
  const up = perChipInterval(plan)
  return [
    ...(across === undefined
      ? []
      : [
          errorBar(
            [
              [across[0], y],
              [across[1], y],
            ],
            [1.4, 9],
            color,
          ),
        ]),
    ...(up === undefined
      ? []
      : [
          errorBar(
            [
              [x, up[0]],
              [x, up[1]],
            ],
            [9, 1.4],
            color,
          ),
        ]),
  ]
}

function scatterX(plan: Plan, axis: ScatterAxis): number {
  return axis === 'tpot' ? plan.tpot : tokensPerSecondOfUser(plan)
}

/** Every returned plan as a point; the selected one is larger, filled, named and has its intervals. */
export function scatterOption(
  plans: readonly Plan[],
  selected: Plan | undefined,
  axis: ScatterAxis,
  palette: Palette,
  texts: ScatterTexts,
): EChartsCoreOption {
  const x = (plan: Plan) => scatterX(plan, axis)
  const all = plans.map(x)
  const middle = (Math.min(...all) + Math.max(...all)) / 2
  const room = { boundaryGap: ['5%', '8%'] }
  return {
    animationDuration: 200,
    grid: { left: 62, right: 24, top: 18, bottom: 46 },
    tooltip: {
      trigger: 'item',
      ...tooltipStyle(palette),
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const plan = plans[dataIndex]
        return tooltipText(plan && texts.describe(plan))
      },
    },
    xAxis: { ...figureAxis(palette, texts.horizontal, 28, texts.figure), ...room },
    yAxis: { ...figureAxis(palette, texts.vertical, 46, texts.figure), ...room },
    series: [
      {
        type: 'scatter',
        cursor: 'pointer',
        data: plans.map((plan) => {
          const isSelected = plan.rank === selected?.rank
          return {
            value: [x(plan), plan.tps_per_chip],
            symbolSize: isSelected ? 16 : 10,
            z: isSelected ? 10 : 2,
            itemStyle: {
              color: isSelected ? palette.accent : palette.surface,
              borderColor: palette.accent,
              borderWidth: 1.6,
            },
            label: {
              show: isSelected,
              position: x(plan) > middle ? 'left' : 'right',
              // Above the error bar, which runs through the middle of the point.
              offset: [0, -12],
              color: palette.text,
              fontSize: 11,
              formatter: `#${plan.rank} ${planTitle(plan)}`,
            },
          }
        }),
        labelLayout: { hideOverlap: true },
      },
      ...errorBars(selected, axis, palette.accent),
    ],
  }
}
