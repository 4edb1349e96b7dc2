import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { type LiveTasks, withCards } from '@/events/liveTasks'
import { BestSoFarLink } from './BestSoFarLink'
import { useQueuePlaces } from './useQueue'
import { useTaskActions } from './useTaskActions'

// With the first task there is.
const TaskStatusCard = lazy(async () => ({
  default: (await import('./TaskStatusCard')).TaskStatusCard,
}))

/** The cards of what is being worked on, and how many more wait. */
export function TaskCards(props: { tasks: LiveTasks; onViewResult: (taskId: string) => void }) {
  const { t } = useTranslation()
  const { cancel } = useTaskActions()
  const places = useQueuePlaces()
  const { cards, more } = withCards(props.tasks)
  return (
    <Suspense>
      {cards.map((task) => (
        <TaskStatusCard
          key={task.task_id}
          task={task}
          onCancel={() => cancel.mutate(task.task_id)}
          cancelling={cancel.isPending && cancel.variables === task.task_id}
          queued={places.get(task.task_id)}
          links={<BestSoFarLink task={task} />}
          onViewResult={() => props.onViewResult(task.task_id)}
        />
      ))}
      {more > 0 && <p className="hint">{t('task.moreWaiting', { count: more })}</p>}
    </Suspense>
  )
}
