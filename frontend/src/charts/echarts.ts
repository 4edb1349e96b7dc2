// Only what our charts need; this module and echarts are one lazy chunk.
import { BarChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { type EChartsCoreOption, type EChartsType, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, LineChart, ScatterChart, GridComponent, TooltipComponent, SVGRenderer])

export type ChartOption = EChartsCoreOption

export function createChart(element: HTMLElement): EChartsType {
  return init(element, null, { renderer: 'svg' })
}
