import type { EChartsCoreOption } from 'echarts/core'
import type { Plan } from '@/api/types'
import { figureAxis, tooltipStyle, tooltipText } from '@/charts/options'
import type { Palette } from '@/charts/palette'
import { intervalOf, perChipInterval, perUserInterval } from './certainty'
import { planTitle, tokensPerSecondOfUser } from './planText'

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
