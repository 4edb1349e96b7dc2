import { useTranslation } from 'react-i18next'
import type { LimitProbability } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'

interface LimitText {
  /** "TPOT" */
  readonly name: string
  /** "≤ 50 ms" */
  readonly bound: string
}

/** A limit in words. */
export function useLimitText(): (limit: LimitProbability) => LimitText {
  const { t } = useTranslation()
  const { figure, ms } = useFormats()
  return ({ code, limit }) => {
    switch (code) {
      case 'max_ttft':
        return { name: t('result.ttft'), bound: `≤ ${ms(limit)}` }
      case 'max_tpot':
        return { name: t('result.tpot'), bound: `≤ ${ms(limit)}` }
      case 'max_e2e_latency':
        return { name: t('result.e2e'), bound: `≤ ${ms(limit)}` }
      case 'min_request_rate':
        return {
          name: t('choice.rate'),
          bound: `≥ ${figure(limit)}\u00a0${t('result.requestsPerSecond')}`,
        }
      default:
        return { name: code, bound: '' }
    }
  }
}
