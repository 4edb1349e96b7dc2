import { useTranslation } from 'react-i18next'
import type { Plan } from '@/api/types'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { Panel } from '@/components/Panel'
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
    numeric('batch', t('form.batchSize'), ({ batch_size }) =>
      batch_size == null ? '–' : integer(batch_size),
    ),
    numeric('n', t('result.chips'), ({ chips }) => integer(chips)),
    numeric(
      'throughput',
      t('result.throughput'),
      (plan) => <Estimate value={plan.throughput} interval={intervalOf(plan, 'throughput')} />,
      { unit: 'tokens/s' },
    ),
    numeric('perChip', t('result.perChip'), ({ tps_per_chip }) => figure(tps_per_chip), {
      unit: 'tokens/s',
    }),
    ...(['ttft', 'tpot'] as const).map((name) =>
      numeric(
        name,
        t(`result.${name}`),
        (plan: Plan) => <Estimate value={plan[name]} interval={intervalOf(plan, name)} />,
        { unit: 'ms' },
      ),
    ),
    numeric('cost', t('figures.of_cost'), ({ economics }) =>
      economics?.usd_per_million_output_tokens == null
        ? '–'
        : usd(economics.usd_per_million_output_tokens),
    ),
  ]
  return (
    <Panel title={t('figures.bestOfServing')}>
      <DataTable
        caption={t('figures.bestOfServing')}
        columns={columns}
        rows={plans}
        rowKey={({ serving, rank }) => `${serving} ${rank}`}
      />
    </Panel>
  )
}
