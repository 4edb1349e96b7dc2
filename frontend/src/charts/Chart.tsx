import { Skeleton } from 'antd'
import type { EChartsCoreOption, EChartsType } from 'echarts/core'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import './charts.css'

interface ChartProps {
  /** What a reader who cannot see the chart should know. */
  label: string
  option: EChartsCoreOption
  height: number
  /** A data item was clicked: its index in its series. */
  onItem?: (index: number) => void
}

/** Draws an echarts option; echarts itself is fetched with the first chart on a page. */
export function Chart(props: ChartProps) {
  const { label, option, height, onItem } = props
  const { t } = useTranslation()
  const element = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<EChartsType | null>(null)
  const clicked = useEffectEvent((index: number) => onItem?.(index))

  useEffect(() => {
    const target = element.current
    if (target === null) return
    let created: EChartsType | null = null
    let wanted = true
    void import('@/charts/echarts').then(({ createChart }) => {
      if (!wanted) return
      created = createChart(target)
      created.on('click', ({ dataIndex }) => clicked(dataIndex))
      setChart(created)
    })
    const observer = new ResizeObserver(() => created?.resize())
    observer.observe(target)
    return () => {
      wanted = false
      observer.disconnect()
      created?.dispose()
      setChart(null)
    }
  }, [])

  useEffect(() => {
    chart?.setOption(option, { notMerge: true })
    chart?.resize()
  }, [chart, option])

  return (
    <div className="chart" style={{ height }}>
      {chart === null && (
        <div role="status" aria-label={t('result.chartLoading')}>
          <Skeleton.Node active className="chart-skeleton" />
        </div>
      )}
      <div ref={element} role="img" aria-label={label} />
    </div>
  )
}
