import { useTranslation } from 'react-i18next'
import type { InfeasiblePlan, MissedLimit } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'

const latency = /^max_(ttft|tpot|e2e)(?:_latency)?(?:_(p\d+))?$/

/** "TTFT p99" of the code `max_ttft_p99`; undefined of any other limit. */
function latencyName(code: string): string | undefined {
  const found = latency.exec(code)
  if (found === null) return undefined
  return [found[1]?.toUpperCase(), found[2]].filter(Boolean).join(' ')
}

/** Says in the reader's language by how much a plan misses its limits. */
export function useExplanation(): (plan: InfeasiblePlan) => string {
  const { t } = useTranslation()
  const { apart, figure } = useFormats()

  const amounts = ({ needed, available }: MissedLimit, unit = '') => {
    const [one, other] = apart(needed, available)
    const excess = figure(needed - available)
    return { needed: one + unit, available: other + unit, excess: excess + unit }
  }
  const sentence = (missed: MissedLimit): string | undefined => {
    if (missed.code === 'memory') return t('result.missedMemory', amounts(missed, '\u00a0GB'))
    if (missed.code === 'chips') return t('result.missedChips', amounts(missed))
    if (missed.code === 'min_request_rate') return t('result.missedRate', amounts(missed))
    const name = latencyName(missed.code)
    return name && t('result.missedLatency', { name, ...amounts(missed, '\u00a0ms') })
  }

  return ({ missed_limits, infeasible_reason }) => {
    const sentences = missed_limits.map(sentence)
    // A limit this page has no words for yet is told in the service's own.
    return sentences.every((text) => text !== undefined)
      ? sentences.join(t('result.semicolon'))
      : infeasible_reason
  }
}
