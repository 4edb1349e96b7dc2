import type { ExplainRequest } from '@/api/explain'
import type { Plan, TaskResults } from '@/api/types'
import type { PointPlan } from '@/charts/pointSet'

/** Asks for a plan's explanation under what its task was asked; not at the points of a sweep
 * nor of hypothetical chips, whose hardware the task's request does not have. */
export function explainRequest(
  {
    request,
    sweep,
    candidates,
    partial,
  }: Pick<TaskResults, 'request' | 'sweep' | 'partial'> & Partial<Pick<TaskResults, 'candidates'>>,
  plan: PointPlan | Pick<Plan, 'parallelism' | 'pools' | 'batch_size'>,
): ExplainRequest | undefined {
  if (sweep !== null || candidates != null || partial) return undefined
  const pools = 'pools' in plan ? plan.pools : undefined
  const batch_size = plan.batch_size == null ? {} : { batch_size: plan.batch_size }
  return {
    // What a task keeps of its request is what a submission takes.
    ...(request as unknown as ExplainRequest),
    plan:
      pools == null
        ? { parallelism: plan.parallelism, ...batch_size }
        : ({ pools, ...batch_size } as ExplainRequest['plan'] & object),
  }
}
