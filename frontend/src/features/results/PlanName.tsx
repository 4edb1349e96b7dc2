import { useTranslation } from 'react-i18next'
import type { Plan } from '@/api/types'
import { planTitle } from './planText'

/** Every degree written out, of both pools where there are two. */
function usePlanHint(): (plan: Plan) => string {
  const { t } = useTranslation()
  return ({ parallelism, pools }) => {
    if (pools == null) return t('result.planHint', { ...parallelism })
    const [prefill, decode] = [pools.prefill, pools.decode]
    return [
      `${t('result.pool_prefill')}: ${t('result.planHint', { ...prefill.parallelism })}`,
      `${t('result.pool_decode')}: ${t('result.planHint', { ...decode.parallelism })}`,
    ].join('\n')
  }
}

/** A plan's degrees as the button that selects it; the second pool has a line of its own. */
export function PlanName(props: { plan: Plan; selected: boolean; onSelect: () => void }) {
  const { plan, selected, onSelect } = props
  const { t } = useTranslation()
  const hint = usePlanHint()
  const text = planTitle(plan)
  return (
    <button
      type="button"
      className="plan-name"
      aria-pressed={selected}
      title={hint(plan)}
      onClick={onSelect}
    >
      <span className="visually-hidden">
        {t('result.selectPlan', { rank: plan.rank, plan: '' })}
      </span>
      {text.split(/(?<= \+) /).map((line) => (
        <span key={line}>{line.replaceAll(' ·', '\u00a0·')}</span>
      ))}
      {plan.replicas > 1 && <span className="muted"> ×{plan.replicas}</span>}
      {plan.folded != null && plan.folded > 0 && (
        <span className="muted" title={t('result.folded', { number: plan.folded })}>
          {' '}
          +{plan.folded}
        </span>
      )}
    </button>
  )
}
