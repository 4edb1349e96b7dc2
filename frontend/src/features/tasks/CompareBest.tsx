import { useTranslation } from 'react-i18next'
import { compactPlan, oneChip } from '@/compactPlan'
import { CompareButton } from '@/components/CompareButton'
import type { LiveTask } from '@/events/liveTasks'

type Task = Pick<
  LiveTask,
  'task_id' | 'experiment_name' | 'status' | 'search_stats' | 'best_so_far'
>

/** Puts the best plan of a completed task among those to compare; nothing where there is none. */
export function CompareBest({ task, text = false }: { task: Task; text?: boolean }) {
  const { t } = useTranslation()
  const { task_id, experiment_name: experiment, best_so_far: best } = task
  if (task.status !== 'completed' || !task.search_stats?.feasible_plans) return null
  // A pair of pools has degrees of its own in each, which the best so far does not tell.
  const isTold = best !== null && Object.keys(best.parallelism).length > 0
  const title = isTold ? compactPlan({ ...oneChip, ...best.parallelism }) : t('compare.best_plan')
  return <CompareButton plan={{ task_id, rank: 1, title, experiment }} text={text} />
}
