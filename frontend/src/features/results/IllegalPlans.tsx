import { useTranslation } from 'react-i18next'
import type { SearchStats } from '@/api/types'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { engineName } from '@/engines'
import { useFormats } from '@/i18n/useFormats'
import { useServiceNames } from '@/i18n/useServiceNames'
import { type IllegalRow, illegalRows } from './illegalRows'

/** Combinations of degrees that are no plans, by rule, beside those that each engine refuses. */
export function IllegalPlans({ stats }: { stats: SearchStats }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const names = useServiceNames()
  const rows = illegalRows(stats)
  if (rows.length === 0) return null
  const count = (number: number | undefined) => (number === undefined ? '–' : integer(number))
  const columns: readonly Column<IllegalRow>[] = [
    {
      key: 'rule',
      title: t('result.rule'),
      names: true,
      render: ({ rule }) => <span className="wrap">{names.rule(rule)}</span>,
    },
    numeric('counted', t('result.illegalCounted'), ({ counted }) => count(counted)),
    ...Object.keys(stats.refused_by_engine ?? {}).map((engine) =>
      numeric<IllegalRow>(engine, engineName(engine), ({ refused }) => count(refused[engine]), {
        hint: t('result.illegalRefusedHint', { engine: engineName(engine) }),
      }),
    ),
  ]
  return (
    <details className="panel inputs">
      <summary>
        {t('result.illegal')}{' '}
        <span className="muted">
          {t('result.illegalHint', { total: integer(stats.illegal_plans ?? 0) })}
        </span>
      </summary>
      <DataTable
        caption={t('result.illegal')}
        columns={columns}
        rows={rows}
        rowKey={({ rule }) => rule}
      />
    </details>
  )
}
