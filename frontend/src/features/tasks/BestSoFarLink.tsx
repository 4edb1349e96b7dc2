import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { TaskSummary } from '@/api/types'
import { openingOf } from './opening'

type Named = Pick<TaskSummary, 'task_id' | 'experiment_name' | 'status' | 'best_so_far'>

/** To the best plans that a running task has found; nothing as long as there is none. */
export function BestSoFarLink({ task }: { task: Named }) {
  const { t } = useTranslation()
  if (openingOf(task) !== 'soFar') return null
  return (
    <Link
      to="/results/$taskId"
      params={{ taskId: task.task_id }}
      aria-label={t('live.viewBestNamed', { name: task.experiment_name })}
    >
      {t('live.viewBest')}
    </Link>
  )
}
