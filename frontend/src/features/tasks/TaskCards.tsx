import { useQueryClient } from '@tanstack/react-query'
import { lazy, memo, Suspense, useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '@/api/queries'
import type { QueuedTask } from '@/api/types'
import { type LiveTask, type LiveTasks, withoutTask } from '@/events/liveTasks'
import { BestSoFarLink } from './BestSoFarLink'
import { CompareBest } from './CompareBest'
import { placed, type Slots, waitingOutside } from './slots'
import './TaskCards.css'
import { useLiveTasks } from './useLiveTasks'
import { useQueuePlaces } from './useQueue'
import { useTaskActions } from './useTaskActions'

// With the first task there is.
const TaskStatusCard = lazy(async () => ({
  default: (await import('./TaskStatusCard')).TaskStatusCard,
}))

interface CardProps {
  task: LiveTask
  queued: QueuedTask | undefined
  onViewResult: (taskId: string) => void
}

/** Rendered anew only when something was told of its own task. */
const LiveCard = memo(function LiveCard({ task, queued, onViewResult }: CardProps) {
  const { cancel } = useTaskActions()
  const client = useQueryClient()
  const { task_id } = task
  const close = () =>
    client.setQueryData<LiveTasks>(keys.live, (tasks = []) => withoutTask(tasks, task_id))
  return (
    <TaskStatusCard
      task={task}
      onCancel={() => cancel.mutate(task_id)}
      cancelling={cancel.isPending}
      queued={queued}
      links={
        <>
          <BestSoFarLink task={task} />
          <CompareBest task={task} text />
        </>
      }
      onClose={close}
      onViewResult={() => onViewResult(task_id)}
    />
  )
})

/** Where each live task is shown; places change only with the tasks. */
function useSlots(tasks: LiveTasks): Slots {
  const [slots, setSlots] = useState<Slots>([])
  const next = placed(slots, tasks)
  const same = next.length === slots.length && next.every((id, place) => id === slots[place])
  if (!same) setSlots(next)
  return same ? slots : next
}

/** The cards of what is being worked on, each in its place, and how many more wait. */
export function TaskCards(props: { onViewResult: (taskId: string) => void; empty?: boolean }) {
  const { onViewResult, empty = false } = props
  const { t } = useTranslation()
  const { data: tasks = [] } = useLiveTasks()
  const places = useQueuePlaces()
  const slots = useSlots(tasks)
  const view = useCallback((taskId: string) => onViewResult(taskId), [onViewResult])
  const byId = new Map(tasks.map((task) => [task.task_id, task]))
  const more = waitingOutside(slots, tasks)
  return (
    <>
      <div className="task-slots">
        {slots.map((id, place) => {
          const task = id === null ? undefined : byId.get(id)
          if (task === undefined && !empty) return null
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: places are what stays
            <div key={place} className="task-slot">
              {task !== undefined && (
                <Suspense>
                  <LiveCard
                    key={task.task_id}
                    task={task}
                    queued={places.get(task.task_id)}
                    onViewResult={view}
                  />
                </Suspense>
              )}
            </div>
          )
        })}
      </div>
      <p className="hint task-slots-more" aria-live="polite">
        {more > 0 && t('task.moreWaiting', { count: more })}
      </p>
    </>
  )
}
