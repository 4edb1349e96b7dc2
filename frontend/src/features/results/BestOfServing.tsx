import { useTranslation } from 'react-i18next'
import type { Plan } from '@/api/types'
import { type Column, DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import { intervalOf } from './certainty'
import { Estimate } from './Estimate'
import { planTitle } from './planText'

/** The best plan on shared chips beside the best one with pools, when both were tried. */
export function BestOfServing({ plans }: { plans: readonly Plan[] }) {
  const { t } = useTranslation()
  const { integer, figure, usd } = useFormats()
  if (plans.length < 2) return null
  const columns: readonly Column<Plan>[] = [
    {
      key: 'serving',
      title: t('form.serving'),
      render: ({ serving }) => t(`form.serving_${serving ?? 'aggregated'}`),
    },
    { key: 'plan', title: t('result.plan'), render: planTitle },
    {
      key: 'batch',
      title: t('form.batchSize'),
      numeric: true,
      render: ({ batch_size }) => (batch_size == null ? '–' : integer(batch_size)),
    },
    { key: 'n', title: t('result.chips'), numeric: true, render: ({ chips }) => integer(chips) },
    {
      key: 'throughput',
      title: t('result.throughput'),
      unit: 'tokens/s',
      numeric: true,
      render: (plan) => (
        <Estimate value={plan.throughput} interval={intervalOf(plan, 'throughput')} />
      ),
    },
    {
      key: 'perChip',
      title: t('result.perChip'),
      unit: 'tokens/s',
      numeric: true,
      render: ({ tps_per_chip }) => figure(tps_per_chip),
    },
    ...(['ttft', 'tpot'] as const).map((name) => ({
      key: name,
      title: t(`result.${name}`),
      unit: 'ms',
      numeric: true,
      render: (plan: Plan) => <Estimate value={plan[name]} interval={intervalOf(plan, name)} />,
    })),
    {
      key: 'cost',
      title: t('figures.of_cost'),
      numeric: true,
      render: ({ economics }) =>
        economics?.usd_per_million_output_tokens == null
          ? '–'
          : usd(economics.usd_per_million_output_tokens),
    },
  ]
  return (
    <section className="panel" aria-labelledby="serving-title">
      <header className="panel-header">
        <h3 id="serving-title">{t('figures.bestOfServing')}</h3>
      </header>
      <DataTable
        caption={t('figures.bestOfServing')}
        columns={columns}
        rows={plans}
        rowKey={({ serving, rank }) => `${serving} ${rank}`}
      />
    </section>
  )
}
