import { useTranslation } from 'react-i18next'
import type { EvaluationWarning } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'

type Told = Exclude<EvaluationWarning['code'], 'other'>

/** A warning in the reader's language; one this page has no words for keeps the service's. */
export function WarningText({ warning }: { warning: EvaluationWarning }) {
  const { t, i18n } = useTranslation()
  const { integer, figure } = useFormats()
  const key = `warning.${warning.code as Told}` as const
  if (!i18n.exists(key)) return <span lang="en">{warning.message}</span>
  const shown = (value: number | string) => {
    if (typeof value === 'string') return value
    return Number.isInteger(value) ? integer(value) : figure(value)
  }
  const values = Object.entries(warning.values).map(([name, value]) => [name, shown(value)])
  return t(key, Object.fromEntries(values))
}
