import { useTranslation } from 'react-i18next'
import { useFormats } from '@/i18n/useFormats'
import { type ConfigFact, configFacts } from './configFacts'

/** What the page reads in a config.json; whether the service takes it, the preview says. */
export function Understood({ json }: { json: string }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const facts = configFacts(json)
  if (facts.length === 0) return null
  const labels: Record<ConfigFact['label'], string> = {
    model: t('form.model'),
    layers: t('form.layers'),
    hidden: t('question.hidden'),
    heads: t('question.heads'),
    kvHeads: t('question.kvHeads'),
    experts: t('form.experts'),
    vocabulary: t('question.vocabulary'),
    positions: t('question.positions'),
    formats: t('question.formats'),
  }
  return (
    <div className="understood">
      <h3>{t('question.understood')}</h3>
      <dl className="stats">
        {facts.map(({ label, value }) => (
          <div key={label}>
            <dt>{labels[label]}</dt>
            <dd>{typeof value === 'number' ? integer(value) : value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
