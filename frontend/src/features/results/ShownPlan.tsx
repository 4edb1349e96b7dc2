import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { explainQuery } from '@/api/explain'
import type { Plan, TaskResults } from '@/api/types'
import { degreeNames, type PointPlan, planOfKey } from '@/charts/pointSet'
import { compactPlan } from '@/compactPlan'
import { PageLoading } from '@/components/PageStates'
import type { ResultSearch } from '@/searchParams'
import { explainRequest } from './explainRequest'
import { PlanPanel } from './PlanPanel'
import { trayPlanOf } from './trayPlan'
import { warningsAt } from './warningPlaces'

interface ShownPlanProps {
  results: TaskResults
  /** Of the ranked plans. */
  selected: Plan
  search: ResultSearch
  onSearch: (change: Partial<ResultSearch>) => void
  onAsk: (request: Readonly<Record<string, unknown>>) => void
}

const isSpread = ({ warnings }: TaskResults) => warningsAt(warnings, 'latency').length > 0

/** A plan that is not among the ranked ones: worked out when it is chosen. */
function PointPanel({ point, ...props }: ShownPlanProps & { point: PointPlan }) {
  const { results, search, onSearch, onAsk } = props
  const { t } = useTranslation()
  const request = explainRequest(results, point)
  const { data, error } = useQuery(explainQuery(request))
  if (data?.plan.is_feasible) {
    // Its rank is of a search of one.
    const plan = { ...data.plan, rank: 0, sensitivity: data.sensitivity ?? data.plan.sensitivity }
    return (
      <PlanPanel
        plan={plan}
        request={request}
        isSpread={isSpread(results)}
        tab={search.tab ?? 'time'}
        onSearch={onSearch}
        onAsk={onAsk}
      />
    )
  }
  const reason = error?.message ?? data?.plan.infeasible_reason
  return (
    <section
      className="panel plan-panel"
      aria-label={t('workspace.pointNamed', {
        plan: compactPlan(point.parallelism),
        batch: point.batch_size,
      })}
    >
      {reason == null ? <PageLoading /> : <p>{t('workspace.notExplained', { reason })}</p>}
    </section>
  )
}

function isSame(plan: Plan, { parallelism, batch_size }: PointPlan): boolean {
  return (
    plan.batch_size === batch_size &&
    degreeNames.every((name) => plan.parallelism[name] === parallelism[name])
  )
}

/** In one column the panel stands above the lists: who chooses in them is led to it. */
function useLedTo(choice: string) {
  const before = useRef(choice)
  useEffect(() => {
    if (before.current === choice) return
    before.current = choice
    const panel = document.querySelector('.workspace > .plan-panel')
    if (panel !== null && getComputedStyle(panel).order === '-1') panel.scrollIntoView()
  }, [choice])
}

/** The plan the panel is of: the point chosen, else the ranked plan selected. */
export function ShownPlan(props: ShownPlanProps) {
  const { results, selected, search, onSearch, onAsk } = props
  useLedTo(search.point ?? String(selected.rank))
  const point = search.point === undefined ? undefined : planOfKey(search.point)
  const ranked = point && results.top_k_plans.find((plan) => isSame(plan, point))
  if (point !== undefined && ranked === undefined) return <PointPanel {...props} point={point} />
  const plan = ranked ?? selected
  return (
    <PlanPanel
      plan={plan}
      request={explainRequest(results, plan)}
      compared={trayPlanOf(results)?.(plan)}
      isSpread={isSpread(results)}
      tab={search.tab ?? 'time'}
      onSearch={onSearch}
      onAsk={onAsk}
    />
  )
}
