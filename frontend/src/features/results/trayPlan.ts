import type { Plan, TaskResults } from '@/api/types'
import type { TrayPlan } from '@/hooks/comparisonTray'
import { planTitle } from './planText'

export type PlanOfTask = (plan: Pick<Plan, 'rank' | 'parallelism' | 'pools'>) => TrayPlan

type Found = Pick<TaskResults, 'task_id' | 'experiment_name' | 'partial'>

/** Names a ranked plan for a comparison; undefined while the search may still change ranks. */
export function trayPlanOf({ task_id, experiment_name, partial }: Found): PlanOfTask | undefined {
  if (partial) return undefined
  return (plan) => ({
    task_id,
    rank: plan.rank,
    title: planTitle(plan),
    experiment: experiment_name,
  })
}
