import { useTranslation } from 'react-i18next'
import type { Percentiles, Simulated } from '@/api/types'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { Panel, Stats } from '@/components/Panel'
import { useFormats } from '@/i18n/useFormats'

const latencies = ['ttft', 'tpot', 'inter_token', 'end_to_end'] as const
type Latency = (typeof latencies)[number]
type Row = Percentiles & { name: Latency }

function PercentilesTable({ simulated }: { simulated: Simulated }) {
  const { t } = useTranslation()
  const { figure } = useFormats()
  const rows: readonly Row[] = latencies.flatMap((name) => {
    const percentiles = simulated[name]
    return percentiles == null ? [] : [{ ...percentiles, name }]
  })
  const milliseconds = (key: string, title: string, read: (row: Row) => number) =>
    numeric(key, title, (row: Row) => figure(read(row)), { unit: 'ms' })
  const columns: readonly Column<Row>[] = [
    {
      key: 'latency',
      title: t('result.latency'),
      render: ({ name }) => (
        <span title={t(`result.simulatedHint_${name}`)}>{t(`result.simulated_${name}`)}</span>
      ),
    },
    milliseconds('mean', t('result.mean'), ({ mean_ms }) => mean_ms),
    milliseconds('p50', 'p50', ({ p50_ms }) => p50_ms),
    milliseconds('p90', 'p90', ({ p90_ms }) => p90_ms),
    milliseconds('p99', 'p99', ({ p99_ms }) => p99_ms),
  ]
  return (
    <DataTable
      caption={t('result.simulated')}
      columns={columns}
      rows={rows}
      rowKey={({ name }) => name}
    />
  )
}

/** What single simulated users see: percentiles, and how many requests keep to the limits. */
export function SimulatedLatency({ simulated }: { simulated: Simulated }) {
  const { t } = useTranslation()
  const { integer, figure, percent } = useFormats()
  const perSecond = (rate: number) => `${figure(rate)} ${t('result.requestsPerSecond')}`
  const figures = [
    [t('result.requests'), integer(simulated.requests)],
    [t('result.requestRate'), perSecond(simulated.request_rate)],
    [t('result.goodput'), perSecond(simulated.goodput)],
    [t('result.withinLimits'), percent(simulated.share_within_limits)],
    [t('result.throughput'), `${figure(simulated.throughput)} tokens/s`],
    [t('result.rejected'), integer(simulated.rejected)],
    [t('result.cacheTokens'), integer(simulated.cache_tokens)],
  ] as const
  return (
    <Panel title={t('result.simulated')} note={t('result.simulatedHint')}>
      {simulated.overloaded && (
        <p className="overloaded">
          <span aria-hidden="true">▲</span> {t('result.overloaded')}
        </p>
      )}
      <PercentilesTable simulated={simulated} />
      <Stats figures={figures} />
    </Panel>
  )
}
