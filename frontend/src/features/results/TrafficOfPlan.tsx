import { useTranslation } from 'react-i18next'
import type { Explanation } from '@/api/explain'
import { ChartFrame } from '@/charts/ChartFrame'
import { usePalette } from '@/charts/palette'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import { useServiceNames } from '@/i18n/useServiceNames'
import { TierTable, useTierName } from './TierTable'
import './explained.css'

type Traffic = Explanation['traffic']
type Tier = Traffic['tiers'][number]
type Message = Traffic['messages'][number]

/** How long each tier's links are busy, of the phase's time. */
function TierBars({ tiers, phases }: { tiers: readonly Tier[]; phases: Explanation['phases'] }) {
  const { t } = useTranslation()
  const { ms, bytes } = useFormats()
  const palette = usePalette()
  const name = useTierName()
  return phases.map(({ phase, total_ms }) => (
    <div key={phase} className="tier-bars">
      <p className="muted">{`${t(`result.${phase}`)}: ${ms(total_ms)}`}</p>
      {tiers
        .filter((tier) => tier.phase === phase)
        .map((tier) => (
          <div key={tier.tier}>
            <span>{name(tier.tier)}</span>
            <span className="track">
              <i
                style={{
                  width: `${Math.min(100, (100 * tier.busy_ms) / total_ms)}%`,
                  background: palette.communication,
                }}
              />
            </span>
            <span className="number">
              {ms(tier.busy_ms)} <span className="muted">{bytes(tier.bytes)}</span>
            </span>
          </div>
        ))}
    </div>
  ))
}

function MessageTable({ messages }: { messages: readonly Message[] }) {
  const { t } = useTranslation()
  const { figure, integer } = useFormats()
  const names = useServiceNames()
  const columns: readonly Column<Message>[] = [
    { key: 'phase', title: t('workspace.phase'), render: ({ phase }) => t(`result.${phase}`) },
    {
      key: 'operator',
      title: t('result.operator'),
      render: ({ operator }) => names.operator(operator),
    },
    {
      key: 'pattern',
      title: t('workspace.pattern'),
      render: ({ pattern, group }) =>
        `${pattern.replaceAll('_', '-')} · ${group.replaceAll('_', ' ')}`,
    },
    numeric('ranks', t('workspace.ranks'), ({ ranks }) => integer(ranks)),
    numeric('size', t('result.size'), ({ size }) => figure(size / 1e6), { unit: 'MB' }),
    numeric('times', t('workspace.times'), ({ times }) => figure(times)),
    numeric('time', t('result.time'), ({ time_ms }) => figure(time_ms), { unit: 'ms' }),
  ]
  return (
    <DataTable
      tall
      caption={t('workspace.messages')}
      columns={columns}
      rows={messages}
      rowKey={({ phase, operator, pattern, group }) => `${phase} ${operator} ${pattern} ${group}`}
    />
  )
}

/** What goes over the links: in sum for each tier, and message by message. */
export function TrafficOfPlan({ explanation }: { explanation: Explanation }) {
  const { t } = useTranslation()
  const { tiers, messages } = explanation.traffic
  if (messages.length === 0) return <p className="hint">{t('workspace.noTraffic')}</p>
  return (
    <>
      <ChartFrame
        drawn="html"
        title={t('workspace.tiers')}
        hint={t('workspace.tiersHint')}
        chart={<TierBars tiers={tiers} phases={explanation.phases} />}
        table={<TierTable tiers={tiers} phases={explanation.phases} />}
      />
      <h4>{t('workspace.messages')}</h4>
      <MessageTable messages={messages} />
    </>
  )
}
