import { useTranslation } from 'react-i18next'
import type { Plan, PreviewResult } from '@/api/types'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { Notice } from '@/components/PageStates'
import { useFormats } from '@/i18n/useFormats'
import { type Figure, figures, type Movement, movement } from './movement'

interface OutcomeProps {
  now: PreviewResult
  before: PreviewResult | undefined
  /** A plan in short, feasible or not. */
  planName: (plan: Pick<Plan, 'parallelism' | 'pools'>) => string
}

type Row = Movement & { readonly figure: Figure }

function useFigureText() {
  const { t } = useTranslation()
  const { integer, figure } = useFormats()
  return {
    name: (name: Figure) =>
      t(
        name === 'tps_per_chip'
          ? 'figures.of_throughput_per_chip'
          : name === 'memory'
            ? 'whatIf.memory'
            : `figures.of_${name}`,
      ),
    value: (name: Figure, value: number | null) => {
      if (value === null) return '–'
      return name === 'chips' ? integer(value) : figure(value)
    },
  }
}

const verdictColors = { better: 'var(--good)', worse: 'var(--bad)', neutral: undefined } as const

function Moved({ percent, verdict }: Movement) {
  const { t } = useTranslation()
  const { percentChange: change } = useFormats()
  if (percent === null) return '–'
  if (verdict === 'same') return <span className="muted">= {t('whatIf.same')}</span>
  return (
    <span style={{ color: verdictColors[verdict] }}>
      <span aria-hidden="true">{percent > 0 ? '▲' : '▼'}</span> {change(percent)}
      {verdict !== 'neutral' && ` ${t(`whatIf.${verdict}`)}`}
    </span>
  )
}

function Figures({ now, before }: { now: Plan; before: Plan | undefined }) {
  const { t } = useTranslation()
  const text = useFigureText()
  const columns: readonly Column<Row>[] = [
    { key: 'figure', title: t('whatIf.figure'), render: ({ figure }) => text.name(figure) },
    numeric('now', t('whatIf.now'), ({ figure, now }) => <b>{text.value(figure, now)}</b>),
    numeric('before', t('whatIf.reference'), ({ figure, before }) => text.value(figure, before)),
    numeric('moved', t('whatIf.moved'), (row) => <Moved {...row} />),
  ]
  const rows = figures.map((figure) => ({ figure, ...movement(now, before, figure) }))
  return (
    <DataTable
      caption={t('whatIf.bestPlan')}
      columns={columns}
      rows={rows}
      rowKey={({ figure }) => figure}
    />
  )
}

/** The best plan's figures beside those of the reference, or why there is no plan. */
export function Outcome({ now, before, planName }: OutcomeProps) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const best = now.top_k_plans[0]
  const reference = before?.top_k_plans[0]
  if (best === undefined) {
    const nearest = now.infeasible_plans[0]
    return (
      <Notice tone="bad" title={t('result.noFeasible')}>
        {nearest !== undefined && (
          <p lang="en">
            {planName(nearest)}: {nearest.infeasible_reason}
          </p>
        )}
      </Notice>
    )
  }
  const [name, referenceName] = [planName(best), reference && planName(reference)]
  return (
    <>
      <p className="what-if-plan">
        <strong>{name}</strong>{' '}
        {referenceName !== undefined && referenceName !== name && (
          <span className="muted">{t('whatIf.insteadOf', { plan: referenceName })}</span>
        )}
      </p>
      <Figures now={best} before={reference} />
      <p className="hint">
        {t('whatIf.searched', { plans: integer(now.search_stats.total_plans) })}
      </p>
    </>
  )
}
