import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '@/api/queries'
import { type LiveTasks, withCards, withoutTask } from '@/events/liveTasks'
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
  const client = useQueryClient()
  const close = (taskId: string) =>
    client.setQueryData<LiveTasks>(keys.live, (tasks = []) => withoutTask(tasks, taskId))
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
          onClose={() => close(task.task_id)}
          onViewResult={() => props.onViewResult(task.task_id)}
        />
      ))}
      {more > 0 && <p className="hint">{t('task.moreWaiting', { count: more })}</p>}
    </Suspense>
  )
}
