import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ComparedMetric, ComparedResult, Comparison } from '@/api/types'
import { planTitle } from '@/compactPlan'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { Panel } from '@/components/Panel'
import { useFormats } from '@/i18n/useFormats'
import { Fronts } from './Fronts'
import { differing, type Input } from './inputs'
import { bestOf, deltaOf, isSame } from './metrics'
import { Pictures } from './Pictures'
import { PlanHead } from './PlanHead'
import { useInputTexts } from './useInputTexts'
import { useMetricTexts } from './useMetricTexts'
import './ComparisonView.css'

interface ComparisonViewProps {
  comparison: Comparison
  /** The column that the others are measured against. */
  base: number
  onBase: (index: number) => void
  onRemove: (index: number) => void
}

const keyOf = ({ task_id, rank }: ComparedResult, index: number) => `${index} ${task_id}:${rank}`

/** The value, by how much it differs from the baseline's, and its 80 % interval. */
function Value({ metric, base, at }: { metric: ComparedMetric; base: number; at: number }) {
  const { t } = useTranslation()
  const { change, range } = useFormats()
  const texts = useMetricTexts()
  const value = metric.values[at] ?? null
  const interval = metric.intervals[at] ?? null
  if (value === null) return '–'
  const delta = deltaOf(metric, base, at)
  const text = texts.value(metric, value)
  const isBest = bestOf(metric).includes(at)
  const good = delta?.isBetter === undefined ? undefined : delta.isBetter ? 'better' : 'worse'
  return (
    <>
      {isBest && <span className="muted">{t('compare.best')} </span>}
      {isBest ? <strong>{text}</strong> : text}
      {delta !== undefined && (
        <span className={good === undefined ? 'muted' : `delta-${good}`}>
          {' '}
          {change(delta.share)}
          {good !== undefined && <span className="visually-hidden"> {t(`compare.${good}`)}</span>}
        </span>
      )}
      {interval !== null && (
        <span className="hint interval">
          {t('compare.interval', { range: range(...interval) })}
        </span>
      )}
    </>
  )
}

interface Row {
  readonly key: string
  readonly name: ReactNode
  readonly cell: (at: number) => ReactNode
}

function Prices({ prices }: ComparedResult) {
  const { t } = useTranslation()
  const { usd } = useFormats()
  if (prices.length === 0) return '–'
  return prices.map(({ field, value, source }) => (
    <span key={`${field} ${value}`} className="price">
      {t(field === 'economics.chip_price_usd' ? 'compare.priceBought' : 'compare.price', {
        price: usd(value),
      })}
      <span className="hint" lang="en">
        {source}
      </span>
    </span>
  ))
}

/** Whether costs rest on prices of different kinds: a list's rent, one's own, a purchase. */
function pricesDiffer(results: readonly ComparedResult[]): boolean {
  const kinds = results.map(({ prices }) =>
    prices.map(({ field, source }) => `${field} ${source}`).join(),
  )
  return kinds.some((kind) => kind !== kinds[0])
}

function Figures({ comparison, base, onBase, onRemove }: ComparisonViewProps) {
  const { t } = useTranslation()
  const texts = useMetricTexts()
  const { results, metrics } = comparison
  const differs = metrics.filter((metric) => !isSame(metric))
  const same = metrics
    .filter(isSame)
    .map((metric) => `${texts.name(metric)} ${texts.value(metric, metric.values[0] ?? 0)}`)
  const rows: readonly Row[] = differs.map((metric) => ({
    key: metric.name,
    name: (
      <>
        {texts.name(metric)}
        <span className="hint">
          {metric.unit !== 'share' && metric.unit !== metric.name && `${metric.unit}, `}
          {t(`compare.${metric.better}`)}
        </span>
      </>
    ),
    cell: (at) => <Value metric={metric} base={base} at={at} />,
  }))
  const prices: Row = {
    key: 'prices',
    name: t('compare.prices'),
    cell: (at) => {
      const result = results[at]
      return result === undefined ? null : <Prices {...result} />
    },
  }
  const columns: readonly Column<Row>[] = [
    { key: 'metric', title: t('compare.metric'), names: true, render: ({ name }) => name },
    ...results.map((result, at) =>
      numeric<Row>(
        keyOf(result, at),
        <PlanHead
          result={result}
          index={at}
          isBase={at === base}
          onBase={() => onBase(at)}
          onRemove={results.length > 2 ? () => onRemove(at) : undefined}
        />,
        ({ cell }) => (at === base ? <div className="base-column">{cell(at)}</div> : cell(at)),
      ),
    ),
  ]
  return (
    <section className="panel" aria-label={t('compare.title')}>
      <DataTable
        caption={t('compare.title')}
        columns={columns}
        rows={pricesDiffer(results) ? [...rows, prices] : rows}
        rowKey={({ key }) => key}
      />
      {same.length > 0 && <p className="hint">{t('compare.same', { list: same.join(' · ') })}</p>}
    </section>
  )
}

function InputTable(props: { caption: string; inputs: readonly Input[]; comparison: Comparison }) {
  const { caption, inputs, comparison } = props
  const { t } = useTranslation()
  const texts = useInputTexts()
  const columns: readonly Column<Input>[] = [
    {
      key: 'input',
      title: t('compare.input'),
      names: true,
      render: ({ field }) => <span title={field}>{texts.name(field)}</span>,
    },
    ...comparison.results.map((result, at) => ({
      key: keyOf(result, at),
      title: `${at + 1} ${planTitle(result)}`,
      render: ({ field, values }: Input) => (
        <span className="value">{texts.text(field, values[at])}</span>
      ),
    })),
  ]
  return (
    <DataTable caption={caption} columns={columns} rows={inputs} rowKey={({ field }) => field} />
  )
}

/** What was asked differently; what only follows from it is folded away. */
function DifferingInputs({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation()
  const { inputs, inputs_left_out: count } = comparison
  const { chosen, following } = differing(inputs)
  const folded = t('compare.following', { count: following.length })
  return (
    <Panel title={t('compare.inputs')} level="h2">
      {chosen.length === 0 ? (
        <p className="muted">{t('compare.sameInputs')}</p>
      ) : (
        <>
          <InputTable caption={t('compare.inputs')} inputs={chosen} comparison={comparison} />
          <p className="hint">{t('compare.otherInputs')}</p>
        </>
      )}
      {following.length > 0 && (
        <details className="inputs">
          <summary>{folded}</summary>
          <InputTable caption={folded} inputs={following} comparison={comparison} />
        </details>
      )}
      {count > 0 && <p className="hint">{t('compare.inputsLeftOut', { count })}</p>}
    </Panel>
  )
}

/** Plans of any tasks side by side, differences first, and in what their questions differ. */
export function ComparisonView(props: ComparisonViewProps) {
  return (
    <div className="comparison stack">
      <Figures {...props} />
      <DifferingInputs comparison={props.comparison} />
      <Fronts comparison={props.comparison} />
      <Pictures comparison={props.comparison} base={props.base} />
    </div>
  )
}
