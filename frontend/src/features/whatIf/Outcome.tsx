import { useTranslation } from 'react-i18next'
import type { Plan, PreviewResult } from '@/api/types'
import { FigureChanges } from '@/components/FigureChanges'
import { Notice } from '@/components/PageStates'
import { useFormats } from '@/i18n/useFormats'

interface OutcomeProps {
  now: PreviewResult
  before: PreviewResult | undefined
  /** A plan in short, feasible or not. */
  planName: (plan: Pick<Plan, 'parallelism' | 'pools'>) => string
}

/** The best plan's figures beside those of the reference, or why there is no plan. */
export function Outcome({ now, before, planName }: OutcomeProps) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const best = now.top_k_plans[0]
  const reference = before?.top_k_plans[0]
  if (best === undefined) {
    const nearest = now.infeasible_plans[0]
    return (
      <Notice tone="bad" title={t('result.noFeasible')}>
        {nearest !== undefined && (
          <p lang="en">
            {planName(nearest)}: {nearest.infeasible_reason}
          </p>
        )}
      </Notice>
    )
  }
  const [name, referenceName] = [planName(best), reference && planName(reference)]
  return (
    <>
      <p className="what-if-plan">
        <strong>{name}</strong>{' '}
        {referenceName !== undefined && referenceName !== name && (
          <span className="muted">{t('whatIf.insteadOf', { plan: referenceName })}</span>
        )}
      </p>
      <FigureChanges caption={t('whatIf.bestPlan')} now={best} before={reference} />
      <p className="hint">
        {t('whatIf.searched', { plans: integer(now.search_stats.total_plans) })}
      </p>
    </>
  )
}
