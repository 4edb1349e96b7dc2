import { useTranslation } from 'react-i18next'
import type { EvaluationWarning } from '@/api/types'
import { useFormats, useLanguage } from '@/i18n/useFormats'

type Told = Exclude<EvaluationWarning['code'], 'other'>

/** A warning in the reader's language; one this page has no words for keeps the service's. */
export function WarningText({ warning }: { warning: EvaluationWarning }) {
  const { t, i18n } = useTranslation()
  const { integer, figure } = useFormats()
  const language = useLanguage()
  const key = `warning.${warning.code as Told}` as const
  if (!i18n.exists(key)) return <span lang="en">{warning.message}</span>
  // Of these the service's sentences are English: other languages have words of their own.
  const ownWords = (name: string) => {
    const own = `result.provenance_${warning.values.provenance}`
    switch (name) {
      case 'basis':
        return i18n.exists(own)
          ? t(own as 'result.provenance_calibrated')
          : t('result.basisElsewhere')
      case 'sentence':
        return t('result.refusalsElsewhere')
      case 'reason':
        return t('result.foreignChip')
      default:
        return undefined
    }
  }
  const shown = (value: number | string) => {
    if (typeof value === 'string') return value
    return Number.isInteger(value) ? integer(value) : figure(value)
  }
  const values = Object.entries(warning.values).map(([name, value]) => [
    name,
    (language === 'en' ? undefined : ownWords(name)) ?? shown(value),
  ])
  return t(key, Object.fromEntries(values))
}
