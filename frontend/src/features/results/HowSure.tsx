import { useTranslation } from 'react-i18next'
import type { Plan } from '@/api/types'
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
  const rows = (['throughput', 'ttft', 'tpot'] as const).flatMap((name) => {
    const interval = intervalOf(plan, name)
    return interval === undefined ? [] : [{ name, interval }]
  })
  if (provenance == null && rows.length === 0) return null
  return (
    <section className="panel" aria-labelledby="sure-title">
      <header className="panel-header">
        <h3 id="sure-title">{t('result.howSure')}</h3>
        <span className="muted">
          #{plan.rank} {planTitle(plan)}
        </span>
      </header>
      <dl className="stats">
        {rows.map(({ name, interval }) => (
          <div key={name}>
            <dt>
              {t(`result.${name}`)} <span className="unit">{units[name]}</span>
            </dt>
            <dd>
              {figure(plan[name])} <span className="muted">({range(...interval)})</span>
            </dd>
          </div>
        ))}
        {provenance != null && (
          <div>
            <dt>{t('result.provenance')}</dt>
            <dd>
              <ProvenanceLabel provenance={provenance} basis={basis} />
            </dd>
          </div>
        )}
      </dl>
      {provenance != null && inOwnWords && (
        <p className="basis">{t(`result.provenanceHint_${provenance}`)}</p>
      )}
      {basis != null && (
        <p className="basis" lang="en">
          {basis}
        </p>
      )}
      {rows.length > 0 && <p className="hint">{t('result.intervalHint')}</p>}
    </section>
  )
}
