import { Select } from 'antd'
import { useTranslation } from 'react-i18next'
import type { SweepPoint, SweepTable } from '@/api/types'
import { Chart } from '@/charts/Chart'
import { ChartFrame } from '@/charts/ChartFrame'
import { usePalette } from '@/charts/palette'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { engineName } from '@/engines'
import { useFormats } from '@/i18n/useFormats'
import { type ResultSearch, type SweepMetric, sweepMetrics } from '@/searchParams'
import { compactPlan } from './planText'
import { isBest, metricOf, placeOf } from './sweep'
import { sweepOption } from './sweepOption'

interface SweepProps {
  sweep: SweepTable
  metric: SweepMetric
  onSearch: (change: Partial<ResultSearch>) => void
}

function useMetricName() {
  const { t } = useTranslation()
  return (metric: SweepMetric) =>
    t(metric === 'tps_per_chip' ? 'figures.of_throughput_per_chip' : `figures.of_${metric}`)
}

function SweepPoints({ sweep }: { sweep: SweepTable }) {
  const { t } = useTranslation()
  const { integer, figure } = useFormats()
  const metricName = useMetricName()
  const outcome = (point: SweepPoint) => {
    if (!point.feasible) return `✗ ${t('sweep.infeasible')}`
    return isBest(sweep, point) ? `★ ${t('sweep.best')}` : `✓ ${t('sweep.feasible')}`
  }
  const columns: readonly Column<SweepPoint>[] = [
    ...sweep.axes.map(({ field, labels }, axis) => ({
      key: field,
      title: field,
      render: ({ index }: SweepPoint) => labels[index[axis] ?? -1] ?? '?',
    })),
    { key: 'outcome', title: t('sweep.outcome'), render: outcome },
    {
      key: 'plan',
      title: t('result.plan'),
      render: ({ parallelism, serving }) =>
        serving === 'aggregated'
          ? compactPlan(parallelism)
          : `${compactPlan(parallelism)} · ${t('form.serving_disaggregated')}`,
    },
    {
      key: 'engines',
      title: t('result.startedBy'),
      render: ({ engines }) => engines?.map(engineName).join(', ') ?? '',
    },
    numeric('chips', t('result.chips'), ({ chips }) => integer(chips)),
    numeric('batch', t('form.batchSize'), ({ batch_size }) => integer(batch_size)),
    ...sweepMetrics.map((metric) =>
      numeric(metric, metricName(metric), (point: SweepPoint) => {
        const value = metricOf(point, metric)
        return value === null ? '–' : figure(value)
      }),
    ),
    {
      key: 'reason',
      title: t('result.reason'),
      render: ({ reason }) => (
        <span className="wrap" lang="en">
          {reason ?? ''}
        </span>
      ),
    },
  ]
  return (
    <DataTable
      tall
      caption={t('sweep.title')}
      columns={columns}
      rows={sweep.points}
      rowKey={({ index }) => index.join('-')}
    />
  )
}

function SweepChart({ sweep, metric }: SweepProps) {
  const { t } = useTranslation()
  const { figure, integer } = useFormats()
  const metricName = useMetricName()
  const palette = usePalette()
  const describe = (point: SweepPoint) => {
    const value = metricOf(point, metric)
    return [
      placeOf(sweep, point),
      `${metricName(metric)}: ${value === null ? '–' : figure(value)}`,
      `${compactPlan(point.parallelism)} · ${t('result.chips')} ${integer(point.chips)}`,
      ...(point.reason === null ? [] : [`${t('sweep.infeasible')}: ${point.reason}`]),
    ].join('\n')
  }
  const option = sweepOption(sweep, metric, palette, {
    metric: metricName(metric),
    figure,
    describe,
    feasible: t('sweep.feasible'),
    infeasible: t('sweep.infeasible'),
    best: t('sweep.best'),
  })
  const rows = sweep.axes.length > 1 ? (sweep.axes[0]?.labels.length ?? 0) : 0
  return (
    <Chart
      label={`${t('sweep.title')}: ${metricName(metric)}`}
      option={option}
      height={Math.max(320, 54 + 24 * rows)}
    />
  )
}

/** All points of a sweep by one metric, each with its best plan or why there is none. */
export function Sweep(props: SweepProps) {
  const { sweep, metric, onSearch } = props
  const { t } = useTranslation()
  const metricName = useMetricName()
  const { integer } = useFormats()
  const feasible = sweep.points.filter((point) => point.feasible).length
  return (
    <div className="panel">
      <ChartFrame
        level="h3"
        title={t('sweep.title')}
        hint={t('sweep.hint', {
          feasible: integer(feasible),
          total: integer(sweep.points.length),
        })}
        tools={
          <Select<SweepMetric>
            size="small"
            aria-label={t('sweep.metric')}
            popupMatchSelectWidth={false}
            value={metric}
            onChange={(chosen) => onSearch({ metric: chosen })}
            options={sweepMetrics.map((value) => ({ value, label: metricName(value) }))}
          />
        }
        chart={<SweepChart {...props} />}
        table={<SweepPoints sweep={sweep} />}
      />
    </div>
  )
}
