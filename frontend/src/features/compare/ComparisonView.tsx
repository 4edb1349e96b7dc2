import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { ComparedMetric, ComparedResult, Comparison } from '@/api/types'
import { compactPlan } from '@/compactPlan'
import { type Column, DataTable, numeric } from '@/components/DataTable'
import type { Formats } from '@/i18n/format'
import { useFormats } from '@/i18n/useFormats'
import { bestOf, knownMetrics } from './metrics'

const keyOf = ({ task_id, rank }: ComparedResult, index: number) => `${index} ${task_id}:${rank}`

function PlanHeading({ result }: { result: ComparedResult }) {
  const { t } = useTranslation()
  const { task_id: taskId, rank, experiment_name, dominated_by } = result
  return (
    <>
      <Link to="/results/$taskId" params={{ taskId }} search={{ plan: rank }}>
        {compactPlan(result.parallelism)}
      </Link>
      <div>
        {experiment_name} · {t('compare.rank', { rank })}
      </div>
      <div title={t('compare.dominatedHint')}>
        {dominated_by.length === 0
          ? t('compare.notDominated')
          : t('compare.dominated', { columns: dominated_by.map((index) => index + 1).join(', ') })}
      </div>
    </>
  )
}

function MetricName({ metric: { name, unit } }: { metric: ComparedMetric }) {
  const { t } = useTranslation()
  const known = knownMetrics.find((one) => one === name)
  return (
    <>
      {known === undefined ? name : t(`compare.metric_${known}`)}
      {unit !== 'share' && unit !== name && <span className="hint unit">{unit}</span>}
    </>
  )
}

/** The value, by how much it differs from the first column's, and its 80 % interval. */
function Value({ metric, index }: { metric: ComparedMetric; index: number }) {
  const { t } = useTranslation()
  const { figure, percent, change, range } = useFormats()
  const value = metric.values[index] ?? null
  const ratio = metric.ratios[index] ?? null
  const interval = metric.intervals[index] ?? null
  if (value === null) return '–'
  const text = metric.unit === 'share' ? percent(value) : figure(value)
  const isBest = bestOf(metric).includes(index)
  return (
    <>
      {isBest && <span className="muted">{t('compare.best')} </span>}
      {isBest ? <strong>{text}</strong> : text}
      {index > 0 && ratio !== null && <div className="hint">{change(ratio - 1)}</div>}
      {interval !== null && (
        <div className="hint">{t('compare.interval', { range: range(...interval) })}</div>
      )}
    </>
  )
}

function Metrics({ results, metrics }: Comparison) {
  const { t } = useTranslation()
  const columns: readonly Column<ComparedMetric>[] = [
    {
      key: 'metric',
      title: t('compare.metric'),
      names: true,
      render: (metric) => <MetricName metric={metric} />,
    },
    ...results.map((result, index) =>
      numeric(keyOf(result, index), <PlanHeading result={result} />, (metric: ComparedMetric) => (
        <Value metric={metric} index={index} />
      )),
    ),
  ]
  return (
    <DataTable
      caption={t('compare.title')}
      columns={columns}
      rows={metrics}
      rowKey={({ name }) => name}
    />
  )
}

function inputText(value: unknown, { figure }: Formats): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number') return figure(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

type Input = Comparison['inputs'][number]

function DifferingInputs({ inputs, inputs_left_out: count, results }: Comparison) {
  const { t } = useTranslation()
  const formats = useFormats()
  const columns: readonly Column<Input>[] = [
    {
      key: 'input',
      title: t('compare.input'),
      names: true,
      render: ({ field }) => <code>{field}</code>,
    },
    ...results.map((result, index) => ({
      key: keyOf(result, index),
      title: `${index + 1}. ${result.experiment_name}`,
      render: ({ values }: Input) => (
        <span className="wrap">{inputText(values[index], formats)}</span>
      ),
    })),
  ]
  return (
    <section className="panel" aria-labelledby="inputs-title">
      <h2 id="inputs-title">{t('compare.inputs')}</h2>
      {inputs.length === 0 ? (
        <p className="muted">{t('compare.sameInputs')}</p>
      ) : (
        <DataTable
          caption={t('compare.inputs')}
          columns={columns}
          rows={inputs}
          rowKey={({ field }) => field}
        />
      )}
      {count > 0 && <p className="hint">{t('compare.inputsLeftOut', { count })}</p>}
    </section>
  )
}

/** Plans of any tasks side by side, and in what their questions differ. */
export function ComparisonView({ comparison }: { comparison: Comparison }) {
  return (
    <>
      <div className="panel">
        <Metrics {...comparison} />
      </div>
      <DifferingInputs {...comparison} />
    </>
  )
}
