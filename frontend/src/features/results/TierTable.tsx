import { useTranslation } from 'react-i18next'
import type { Explanation } from '@/api/explain'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'

type Tier = Explanation['traffic']['tiers'][number]
type Phases = Explanation['phases']

/** Which share of its phase a tier's links are busy. */
export function loadOf(
  { phase, busy_ms }: Pick<Tier, 'phase' | 'busy_ms'>,
  phases: Phases,
): number {
  const total = phases.find((one) => one.phase === phase)?.total_ms ?? 0
  return total === 0 ? 0 : busy_ms / total
}

/** What a tier is called. */
export function useTierName() {
  const { t, i18n } = useTranslation()
  return (tier: string) => {
    const key = `figures.tier_${tier}`
    return i18n.exists(key) ? t(key as 'figures.tier_c2c') : tier
  }
}

/** What each tier's links carry, and how much of each phase they are busy. */
export function TierTable({ tiers, phases }: { tiers: readonly Tier[]; phases: Phases }) {
  const { t } = useTranslation()
  const { figure, percent } = useFormats()
  const name = useTierName()
  const columns: readonly Column<Tier>[] = [
    { key: 'phase', title: t('workspace.phase'), render: ({ phase }) => t(`result.${phase}`) },
    { key: 'tier', title: t('workspace.link'), render: ({ tier }) => name(tier) },
    numeric('bytes', t('workspace.perChip'), ({ bytes }) => figure(bytes / 1e9), { unit: 'GB' }),
    numeric('reached', t('workspace.reached'), (tier) => figure(tier.reached_bandwidth / 1e9), {
      unit: 'GB/s',
    }),
    numeric('sheet', t('workspace.dataSheet'), ({ bandwidth }) => figure(bandwidth / 1e9), {
      unit: 'GB/s',
    }),
    numeric('busy', t('workspace.busy'), ({ busy_ms }) => figure(busy_ms), { unit: 'ms' }),
    numeric('share', t('workspace.ofPhase'), (tier) => percent(loadOf(tier, phases))),
  ]
  return (
    <DataTable
      caption={t('workspace.tiers')}
      columns={columns}
      rows={tiers}
      rowKey={({ phase, tier }) => `${phase} ${tier}`}
    />
  )
}
