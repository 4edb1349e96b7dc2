import { useTranslation } from 'react-i18next'
import type { Economics } from '@/api/types'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { Panel, Stats } from '@/components/Panel'
import { useFormats } from '@/i18n/useFormats'

type Assumption = Economics['assumptions'][number]

function Assumptions({ assumptions }: { assumptions: readonly Assumption[] }) {
  const { t } = useTranslation()
  const { figure } = useFormats()
  const columns: readonly Column<Assumption>[] = [
    { key: 'field', title: t('figures.field'), render: ({ field }) => <code>{field}</code> },
    numeric('value', t('figures.value'), ({ value }) => figure(value)),
    {
      key: 'source',
      title: t('form.source'),
      render: ({ source }) => (
        <span className="wrap" lang="en">
          {source}
        </span>
      ),
    },
  ]
  return (
    <details className="inputs">
      <summary>
        {t('figures.assumptions')} <span className="muted">{t('figures.assumptionsHint')}</span>
      </summary>
      <DataTable
        caption={t('figures.assumptions')}
        columns={columns}
        rows={assumptions}
        rowKey={({ field }) => field}
      />
    </details>
  )
}

/** What the plan costs and draws at full load, and what these figures rest on. */
export function PlanEconomics({ economics }: { economics: Economics }) {
  const { t } = useTranslation()
  const { usd, figure } = useFormats()
  const { usd_per_hour, usd_per_million_output_tokens, usd_per_million_tokens } = economics
  const known = (value: number | null, format: (value: number) => string) =>
    value === null ? '–' : format(value)
  const watts = (value: number) => `${figure(value)}\u00a0W`
  const rows = [
    [t('figures.usdPerHour'), known(usd_per_hour, usd)],
    [t('figures.usdPerOutput'), known(usd_per_million_output_tokens, usd)],
    [t('figures.usdPerTokens'), known(usd_per_million_tokens, usd)],
    [t('figures.watts'), known(economics.watts, watts)],
    [t('figures.chipWatts'), known(economics.chip_watts, watts)],
    [t('figures.joules'), known(economics.joules_per_token, (value) => `${figure(value)}\u00a0J`)],
  ] as const
  return (
    <Panel title={t('figures.economics')} note={t('figures.economicsHint')}>
      <Stats figures={rows} />
      {economics.missing.map((sentence) => (
        <p key={sentence} className="basis" lang="en">
          {sentence}
        </p>
      ))}
      {economics.assumptions.length > 0 && <Assumptions assumptions={economics.assumptions} />}
    </Panel>
  )
}
