import { useTranslation } from 'react-i18next'
import type { Plan, Pool } from '@/api/types'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import { compactPlan } from './planText'

type PoolName = 'prefill' | 'decode'
type Row = Pool & { name: PoolName }

/** The two pools of disaggregated serving side by side, and what moving the KV cache costs. */
export function PoolsTable(props: {
  pools: NonNullable<Plan['pools']>
  transferMs: number | null | undefined
}) {
  const { pools, transferMs } = props
  const { t } = useTranslation()
  const { integer, figure, percent, ms } = useFormats()
  const columns: readonly Column<Row>[] = [
    { key: 'pool', title: t('result.pool'), render: ({ name }) => t(`result.pool_${name}`) },
    {
      key: 'plan',
      title: t('result.plan'),
      render: ({ parallelism }) => (
        <span title={t('result.planHint', { ...parallelism })}>{compactPlan(parallelism)}</span>
      ),
    },
    numeric('instances', t('result.instances'), ({ instances }) => integer(instances)),
    numeric(
      'chips',
      t('result.chips'),
      ({ instances, chips_per_instance, chips }) =>
        `${integer(instances)} × ${integer(chips_per_instance)} = ${integer(chips)}`,
    ),
    numeric('batch', t('result.batch'), ({ batch }) => integer(batch)),
    numeric('rate', t('result.rate'), ({ rate }) => figure(rate), {
      unit: t('result.requestsPerSecond'),
    }),
    numeric('time', t('result.time'), ({ time_ms }) => figure(time_ms), { unit: 'ms' }),
    numeric('utilization', t('result.utilization'), ({ utilization }) => percent(utilization)),
    numeric('memory', t('result.memory'), ({ memory }) => figure(memory.total_gb), { unit: 'GB' }),
  ]
  const rows: readonly Row[] = [
    { ...pools.prefill, name: 'prefill' },
    { ...pools.decode, name: 'decode' },
  ]
  return (
    <section aria-labelledby="pools-title">
      <h4 id="pools-title">{t('result.pools')}</h4>
      <DataTable
        caption={t('result.pools')}
        columns={columns}
        rows={rows}
        rowKey={({ name }) => name}
      />
      {transferMs != null && (
        <p className="hint">{t('result.kvTransfer', { value: ms(transferMs) })}</p>
      )}
    </section>
  )
}
