import { useTranslation } from 'react-i18next'
import type { Plan } from '@/api/types'
import { Panel } from '@/components/Panel'
import { HowSure } from './HowSure'
import { MemoryBreakdown } from './MemoryBreakdown'
import { PhaseBreakdown } from './PhaseBreakdown'
import { PlanEconomics } from './PlanEconomics'
import { PlanEngines } from './PlanEngines'
import { PlanSensitivity } from './PlanSensitivity'
import { PoolsTable } from './PoolsTable'
import { planTitle } from './planText'
import { SimulatedLatency } from './SimulatedLatency'

function MemoryOfPlan({ memory, pools }: Plan) {
  const { t } = useTranslation()
  if (pools == null) return <MemoryBreakdown memory={memory} title={t('result.memoryTitle')} />
  return (
    <div className="side-by-side">
      {(['prefill', 'decode'] as const).map((name) => (
        <MemoryBreakdown
          key={name}
          memory={pools[name].memory}
          title={`${t(`result.pool_${name}`)} · ${t('result.memoryTitle')}`}
        />
      ))}
    </div>
  )
}

/** One plan in full: how sure its figures are, where time and memory go, what single users see. */
export function PlanDetails({ plan }: { plan: Plan }) {
  const { t } = useTranslation()
  return (
    <>
      <HowSure plan={plan} />
      <PlanEngines plan={plan} />
      <Panel title={t('result.where')} note={`#${plan.rank} ${planTitle(plan)}`}>
        {plan.pools != null && <PoolsTable pools={plan.pools} transferMs={plan.kv_transfer_ms} />}
        <div className="side-by-side">
          <PhaseBreakdown title={t('result.prefill')} phase={plan.latency.prefill} />
          <PhaseBreakdown title={t('result.decode')} phase={plan.latency.decode} />
        </div>
        <MemoryOfPlan {...plan} />
      </Panel>
      {plan.economics != null && <PlanEconomics economics={plan.economics} />}
      {plan.sensitivity != null && <PlanSensitivity sensitivity={plan.sensitivity} />}
      {plan.simulated != null && <SimulatedLatency simulated={plan.simulated} />}
    </>
  )
}
