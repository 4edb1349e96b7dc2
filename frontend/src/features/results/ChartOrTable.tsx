import { Segmented } from 'antd'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'

interface ChartOrTableProps {
  title: string
  /** Of the heading. */
  level?: 'h3' | 'h4'
  hint?: string | undefined
  chart: ReactNode
  table: ReactNode
  tools?: ReactNode
}

/** A chart and the table of the same figures, one at a time. */
export function ChartOrTable(props: ChartOrTableProps) {
  const { title, level: Heading = 'h4', hint, chart, table, tools } = props
  const { t } = useTranslation()
  const [view, setView] = useState<'chart' | 'table'>('chart')
  return (
    <section>
      <header className="panel-header">
        <Heading>{title}</Heading>
        <div className="panel-tools">
          {tools}
          <Segmented
            size="small"
            aria-label={t('result.view', { title })}
            value={view}
            onChange={setView}
            options={[
              { value: 'chart' as const, label: t('result.asChart') },
              { value: 'table' as const, label: t('result.asTable') },
            ]}
          />
        </div>
      </header>
      {hint !== undefined && <p className="hint">{hint}</p>}
      {view === 'chart' ? chart : table}
    </section>
  )
}
