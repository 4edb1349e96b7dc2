import { useTranslation } from 'react-i18next'
import type { Plan, Provenance } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'
import { type Interval, provenanceSigns } from './certainty'

/** A predicted figure with its interval in a quiet second line. */
export function Estimate(props: { value: number; interval: Interval | undefined }) {
  const { value, interval } = props
  const { t } = useTranslation()
  const { figure, range } = useFormats()
  if (interval === undefined) return figure(value)
  return (
    <>
      {figure(value)}
      <span className="interval" title={t('result.intervalHint')}>
        <span className="visually-hidden">{t('result.interval')}: </span>
        {range(...interval)}
      </span>
    </>
  )
}

/** What a prediction rests on, by shape and word; the sentence behind it is its explanation. */
export function ProvenanceLabel(props: {
  provenance: Provenance
  basis?: Plan['basis'] | undefined
}) {
  const { provenance, basis } = props
  const { t } = useTranslation()
  return (
    <span className="provenance" title={basis ?? t(`result.provenanceHint_${provenance}`)}>
      <span aria-hidden="true">{provenanceSigns[provenance]}</span>{' '}
      {t(`result.provenance_${provenance}`)}
    </span>
  )
}
