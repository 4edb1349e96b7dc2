import { Button, type ButtonProps, Flex } from 'antd'
import { useTranslation } from 'react-i18next'
import type { InfeasiblePlan, SearchStats } from '@/api/types'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { Panel } from '@/components/Panel'
import { useFormats } from '@/i18n/useFormats'
import { useServiceNames } from '@/i18n/useServiceNames'
import type { ResultSearch } from '@/searchParams'
import { planKey, planTitle } from './planText'
import { useExplanation } from './useExplanation'

interface InfeasibleProps {
  plans: readonly InfeasiblePlan[]
  stats: SearchStats | null
  reason: string | undefined
  onSearch: (change: Partial<ResultSearch>) => void
}

/** A round button, filled while its reason is the one shown. */
const look = (chosen: boolean): ButtonProps => ({
  size: 'small',
  shape: 'round',
  style: chosen ? { background: 'var(--accent-soft)', borderColor: 'var(--accent)' } : {},
})

function Reasons({ stats, reason, onSearch }: InfeasibleProps & { stats: SearchStats }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const names = useServiceNames()
  const counts = Object.entries(stats.infeasible_reasons).toSorted(([, a], [, b]) => b - a)
  return (
    <Flex component="fieldset" wrap gap={6}>
      <legend className="hint">
        {t('result.infeasibleCounts', { total: integer(stats.total_plans) })}
      </legend>
      <Button
        {...look(reason === undefined)}
        aria-pressed={reason === undefined}
        onClick={() => onSearch({ reason: undefined })}
      >
        {t('result.allReasons')} <b>{integer(stats.infeasible_plans)}</b>
      </Button>
      {counts.map(([code, count]) => (
        <Button
          key={code}
          {...look(reason === code)}
          aria-pressed={reason === code}
          onClick={() => onSearch({ reason: reason === code ? undefined : code })}
        >
          {names.reason(code)} <b>{integer(count)}</b>
        </Button>
      ))}
    </Flex>
  )
}

function InfeasibleTable({ plans }: { plans: readonly InfeasiblePlan[] }) {
  const { t } = useTranslation()
  const { integer, figure } = useFormats()
  const names = useServiceNames()
  const explanation = useExplanation()
  const columns: readonly Column<InfeasiblePlan>[] = [
    {
      key: 'plan',
      title: t('result.plan'),
      render: (plan) => (
        <span title={t('result.planHint', { ...plan.parallelism })}>{planTitle(plan)}</span>
      ),
    },
    numeric('chips', t('result.chips'), ({ chips }) => integer(chips)),
    numeric(
      'memory',
      t('result.memory'),
      ({ memory }) => (memory == null ? '–' : figure(memory.total_gb)),
      { unit: 'GB' },
    ),
    {
      key: 'reason',
      title: t('result.reason'),
      render: ({ reason_code }) => names.reason(reason_code),
    },
    {
      key: 'explanation',
      title: t('result.explanation'),
      render: (plan) => <span className="wrap">{explanation(plan)}</span>,
    },
  ]
  return (
    <DataTable
      tall
      caption={t('result.infeasible')}
      columns={columns}
      rows={plans}
      rowKey={planKey}
    />
  )
}

/** Why the other plans were not kept: counted over all of them, explained for those listed. */
export function Infeasible(props: InfeasibleProps) {
  const { plans, stats, reason } = props
  const { t } = useTranslation()
  const { integer } = useFormats()
  const shown = reason === undefined ? plans : plans.filter((plan) => plan.reason_code === reason)
  const total = reason === undefined ? stats?.infeasible_plans : stats?.infeasible_reasons[reason]
  return (
    <Panel
      title={t('result.infeasible')}
      note={
        total !== undefined &&
        total > 0 &&
        t('result.infeasibleShown', { shown: integer(shown.length), total: integer(total) })
      }
    >
      {stats !== null && stats.infeasible_plans > 0 && <Reasons {...props} stats={stats} />}
      {stats?.infeasible_plans === 0 && <p className="hint">{t('result.noInfeasible')}</p>}
      {shown.length > 0 && <InfeasibleTable plans={shown} />}
    </Panel>
  )
}
