import { useTranslation } from 'react-i18next'
import type { Plan, Refusal } from '@/api/types'
import { Panel } from '@/components/Panel'
import { engineName } from '@/engines'
import { useServiceNames } from '@/i18n/useServiceNames'
import { planTitle } from './planText'

/** An engine that doesn't start the plan, and which of its rules is in the way. */
function Refused({ refusal }: { refusal: Refusal }) {
  const { engine, code, field, reason } = refusal
  const { t } = useTranslation()
  const names = useServiceNames()
  return (
    <li title={`${field} ${reason}`}>
      <span aria-hidden="true">✗</span> {engineName(engine)}
      <span className="visually-hidden"> {t('result.refused')}</span>
      {' · '}
      <span className="muted">{names.rule(code)}</span>
    </li>
  )
}

/** Which engines start a plan, and what is in the way of the others; older results say nothing. */
export function PlanEngines({ plan }: { plan: Plan }) {
  const { t } = useTranslation()
  const { engines, refused_by } = plan
  if (engines == null) return null
  return (
    <Panel title={t('result.startedBy')} note={`#${plan.rank} ${planTitle(plan)}`}>
      <ul className="plan-engines">
        {engines.map((engine) => (
          <li key={engine}>
            <span aria-hidden="true">✓</span> <strong>{engineName(engine)}</strong>
          </li>
        ))}
        {(refused_by ?? []).map((refusal) => (
          <Refused key={refusal.engine} refusal={refusal} />
        ))}
      </ul>
      {engines.length === 0 && <p className="hint">{t('result.startedByNone')}</p>}
    </Panel>
  )
}
