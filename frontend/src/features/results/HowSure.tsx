import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Plan } from '@/api/types'
import { Panel, Stats } from '@/components/Panel'
import { useFormats, useLanguage } from '@/i18n/useFormats'
import { type Estimated, intervalOf } from './certainty'
import { ProvenanceLabel } from './Estimate'
import { planTitle } from './planText'

/** The intervals of a plan's figures and the measurements they come from, in words. */
export function HowSure({ plan }: { plan: Plan }) {
  const { t } = useTranslation()
  const { figure, range } = useFormats()
  const { provenance, basis } = plan
  // The service's sentence is English and says more; who reads another language gets ours too.
  const inOwnWords = useLanguage() !== 'en' || basis == null
  const units: Record<Estimated, string> = { ttft: 'ms', tpot: 'ms', throughput: 'tokens/s' }
  const intervals = (['throughput', 'ttft', 'tpot'] as const).flatMap((name) => {
    const interval = intervalOf(plan, name)
    return interval === undefined ? [] : [{ name, interval }]
  })
  if (provenance == null && intervals.length === 0) return null
  const figures = intervals.map(({ name, interval }): [string, ReactNode] => [
    `${t(`result.${name}`)} ${units[name]}`,
    <>
      {figure(plan[name])} <span className="muted">({range(...interval)})</span>
    </>,
  ])
  if (provenance != null) {
    const label = <ProvenanceLabel provenance={provenance} basis={basis} />
    figures.push([t('result.provenance'), label])
  }
  return (
    <Panel title={t('result.howSure')} note={`#${plan.rank} ${planTitle(plan)}`}>
      <Stats figures={figures} />
      {provenance != null && inOwnWords && (
        <p className="basis">{t(`result.provenanceHint_${provenance}`)}</p>
      )}
      {basis != null && (
        <p className="basis" lang="en">
          {basis}
        </p>
      )}
      {intervals.length > 0 && <p className="hint">{t('result.intervalHint')}</p>}
    </Panel>
  )
}
