import { useTranslation } from 'react-i18next'
import type { Objective } from '@/api/types'
import { assertNever } from '@/assertNever'
import type { Formats } from './format'
import { useFormats } from './useFormats'

/** The figure that a score stands for, with its prefix: latencies and prices are one over it. */
export function scoreFigure(objective: Objective, score: number, formats: Formats): string {
  switch (objective) {
    case 'throughput_per_chip':
    case 'throughput':
    case 'goodput':
      return formats.figure(score)
    case 'ttft':
    case 'tpot':
      return formats.ms(1000 / score)
    case 'chips':
      return formats.integer(1 / score)
    case 'cost':
      return formats.usd(1e6 / score)
    case 'energy':
      return formats.figure(1 / score)
    default:
      return assertNever(objective)
  }
}

/** A score as the figure it stands for, with its unit in words. */
export function useScoreText() {
  const { t } = useTranslation()
  const formats = useFormats()
  return (objective: Objective, score: number): string =>
    t(`live.score_${objective}`, { figure: scoreFigure(objective, score, formats) })
}
