import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { ComparedMetric, ComparedResult, Comparison } from '@/api/types'
import { compactPlan } from '@/compactPlan'
import type { Formats } from '@/i18n/format'
import { useFormats } from '@/i18n/useFormats'
import { bestOf, knownMetrics } from './metrics'

function PlanHeading({ result }: { result: ComparedResult }) {
  const { t } = useTranslation()
  const { task_id: taskId, rank, experiment_name, dominated_by } = result
  return (
    <th scope="col" className="numeric">
      <Link to="/results/$taskId" params={{ taskId }} search={{ plan: rank }}>
        {compactPlan(result.parallelism)}
      </Link>
      <span className="compared-line">
        {experiment_name} · {t('compare.rank', { rank })}
      </span>
      <span className="compared-line" title={t('compare.dominatedHint')}>
        {dominated_by.length === 0
          ? t('compare.notDominated')
          : t('compare.dominated', { columns: dominated_by.map((index) => index + 1).join(', ') })}
      </span>
    </th>
  )
}

function useMetricName(): (metric: ComparedMetric) => string {
  const { t } = useTranslation()
  return ({ name }) => {
    const known = knownMetrics.find((one) => one === name)
    return known === undefined ? name : t(`compare.metric_${known}`)
  }
}

/** The value, by how much it differs from the first column's, and its 80 % interval. */
function Value(props: { metric: ComparedMetric; index: number; isBest: boolean }) {
  const { metric, index, isBest } = props
  const { t } = useTranslation()
  const { figure, percent, change, range } = useFormats()
  const value = metric.values[index] ?? null
  const ratio = metric.ratios[index] ?? null
  const interval = metric.intervals[index] ?? null
  if (value === null) return <td className="numeric">–</td>
  const text = metric.unit === 'share' ? percent(value) : figure(value)
  return (
    <td className="numeric">
      {isBest && <span className="muted">{t('compare.best')} </span>}
      {isBest ? <strong>{text}</strong> : text}
      {index > 0 && ratio !== null && <span className="compared-line">{change(ratio - 1)}</span>}
      {interval !== null && (
        <span className="compared-line">
          {t('compare.interval', { range: range(...interval) })}
        </span>
      )}
    </td>
  )
}

function MetricRow({ metric }: { metric: ComparedMetric }) {
  const nameOf = useMetricName()
  const best = bestOf(metric)
  return (
    <tr>
      <th scope="row">
        {nameOf(metric)}
        {metric.unit !== 'share' && metric.unit !== metric.name && (
          <span className="unit"> {metric.unit}</span>
        )}
      </th>
      {metric.values.map((_value, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a column's place is its identity here.
        <Value key={index} metric={metric} index={index} isBest={best.includes(index)} />
      ))}
    </tr>
  )
}

function inputText(value: unknown, { figure }: Formats): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number') return figure(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function DifferingInputs({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation()
  const formats = useFormats()
  const { inputs, inputs_left_out: count, results } = comparison
  return (
    <section className="panel" aria-labelledby="inputs-title">
      <h2 id="inputs-title">{t('compare.inputs')}</h2>
      {inputs.length === 0 ? (
        <p className="muted">{t('compare.sameInputs')}</p>
      ) : (
        <div className="table-scroll">
          <table className="data">
            <thead>
              <tr>
                <th scope="col">{t('compare.input')}</th>
                {results.map((result, index) => (
                  <th key={`${result.task_id}:${result.rank}`} scope="col">
                    {index + 1}. {result.experiment_name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {inputs.map(({ field, values }) => (
                <tr key={field}>
                  <th scope="row">
                    <code>{field}</code>
                  </th>
                  {results.map((result, index) => (
                    <td key={`${result.task_id}:${result.rank}`}>
                      <span className="wrap">{inputText(values[index], formats)}</span>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {count > 0 && <p className="hint">{t('compare.inputsLeftOut', { count })}</p>}
    </section>
  )
}

/** Plans of any tasks side by side, and in what their questions differ. */
export function ComparisonView({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation()
  return (
    <>
      <section className="panel" aria-label={t('compare.title')}>
        <div className="table-scroll">
          <table className="data">
            <caption className="visually-hidden">{t('compare.title')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('compare.metric')}</th>
                {comparison.results.map((result) => (
                  <PlanHeading key={`${result.task_id}:${result.rank}`} result={result} />
                ))}
              </tr>
            </thead>
            <tbody>
              {comparison.metrics.map((metric) => (
                <MetricRow key={metric.name} metric={metric} />
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <DifferingInputs comparison={comparison} />
    </>
  )
}
