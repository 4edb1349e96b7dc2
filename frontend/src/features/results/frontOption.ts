import type { EChartsCoreOption } from 'echarts/core'
import type { Objective, TradeOff } from '@/api/types'
import { pointsFrame } from '@/charts/frames'
import type { Palette } from '@/charts/palette'
import { objectiveFigure } from './objectives'

export type Serving = TradeOff['serving']
const servings: readonly Serving[] = ['aggregated', 'disaggregated']

interface FrontTexts {
  readonly objective: (objective: Objective) => string
  readonly serving: (serving: Serving) => string
  readonly figure: (value: number) => string
  readonly describe: (point: TradeOff) => string
}

/** The front as points, each way of serving with a colour and a symbol of its own. */
export function frontOption(
  points: readonly TradeOff[],
  [vertical, horizontal]: readonly [Objective, Objective],
  palette: Palette,
  texts: FrontTexts,
): EChartsCoreOption {
  const present = servings.filter((each) => points.some(({ serving }) => serving === each))
  const shown = present.map((each) => points.filter(({ serving }) => serving === each))
  return {
    ...pointsFrame(66, palette, {
      horizontal: texts.objective(horizontal),
      vertical: texts.objective(vertical),
      figure: texts.figure,
      describe: (series, at) => {
        const point = shown[series]?.[at]
        return point && texts.describe(point)
      },
    }),
    series: present.map((serving, position) => ({
      type: 'scatter',
      name: texts.serving(serving),
      symbol: serving === 'aggregated' ? 'circle' : 'diamond',
      symbolSize: serving === 'aggregated' ? 9 : 12,
      itemStyle: { color: serving === 'aggregated' ? palette.accent : palette.memory },
      data: shown[position]?.map((point) => [
        objectiveFigure(point, horizontal),
        objectiveFigure(point, vertical),
      ]),
    })),
  }
}
