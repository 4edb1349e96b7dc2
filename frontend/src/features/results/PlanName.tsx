import { useTranslation } from 'react-i18next'
import type { Plan } from '@/api/types'
import { compactPlan } from './planText'

/** A plan's degrees as the button that selects it. */
export function PlanName(props: { plan: Plan; selected: boolean; onSelect: () => void }) {
  const { plan, selected, onSelect } = props
  const { t } = useTranslation()
  const text = compactPlan(plan.parallelism)
  return (
    <button
      type="button"
      className="plan-name"
      aria-pressed={selected}
      aria-label={t('result.selectPlan', { rank: plan.rank, plan: text })}
      title={t('result.planHint', { ...plan.parallelism })}
      onClick={onSelect}
    >
      {text.replaceAll(' ·', '\u00a0·')}
      {plan.replicas > 1 && <span className="muted"> ×{plan.replicas}</span>}
    </button>
  )
}
