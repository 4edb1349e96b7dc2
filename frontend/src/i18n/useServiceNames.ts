import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

function readable(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Names that come from the service in its own words: translated if known, else made readable. */
export function useServiceNames() {
  const { t, i18n } = useTranslation()
  return useMemo(() => {
    const named = (prefix: string) => (name: string) => {
      const key = prefix + name
      return i18n.exists(key) ? t(key as 'operator.norms') : readable(name)
    }
    return {
      operator: named('operator.'),
      memoryPart: named('result.part_'),
      reason: named('result.reason_'),
      rule: named('result.rule_'),
      objective: named('form.objective_'),
      serving: named('result.serving_'),
      arrivals: named('result.arrivals_'),
    }
  }, [t, i18n])
}
