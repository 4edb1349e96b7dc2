import { DownOutlined, UpOutlined } from '@ant-design/icons'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { BestSoFarLink } from '@/components/ConfigPanel/DeploymentAnalysis/components/BestSoFarLink'
import { TaskStatusCard } from '@/components/ConfigPanel/DeploymentAnalysis/components/TaskStatusCard'
import { withCards } from '@/events/liveTasks'
import { useLiveTasks } from '@/hooks/useLiveTasks'
import { useQueuePlaces } from '@/hooks/useQueue'
import { isBoolean, useStored } from '@/hooks/useStored'
import { useTaskActions } from '@/hooks/useTaskActions'

/** Mean progress of all tasks, which is what one short bar can say honestly. */
export function meanProgress(tasks: readonly { progress: number }[]): number {
  if (tasks.length === 0) return 0
  return tasks.reduce((sum, { progress }) => sum + progress, 0) / tasks.length
}

/**
 * Running tasks at the bottom right of every page. On the analysis page, whose own column shows
 * the same cards, it starts folded to one line, so that it covers nothing.
 */
export function FloatingTasks() {
  const { t } = useTranslation()
  const { data: tasks = [] } = useLiveTasks()
  const { cancel } = useTaskActions()
  const places = useQueuePlaces()
  const navigate = useNavigate()
  const onAnalysis = useLocation({ select: ({ pathname }) => pathname === '/' })
  const [openHere, setOpenHere] = useStored('tier6.tasks.openOnAnalysis', isBoolean, false)
  const [openElsewhere, setOpenElsewhere] = useStored('tier6.tasks.open', isBoolean, true)
  const [open, setOpen] = onAnalysis ? [openHere, setOpenHere] : [openElsewhere, setOpenElsewhere]

  if (tasks.length === 0) return null
  const { cards, more } = withCards(tasks)
  const view = (taskId: string) => void navigate({ to: '/results/$taskId', params: { taskId } })
  return (
    <aside className="floating" aria-label={t('task.area')}>
      <button
        type="button"
        className="floating-toggle"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span>{t('task.areaSummary', { count: tasks.length })}</span>
        <progress max={100} value={meanProgress(tasks)} aria-label={t('task.area')} />
        {open ? <DownOutlined /> : <UpOutlined />}
        <span className="visually-hidden">{open ? t('task.collapse') : t('task.expand')}</span>
      </button>
      {open && (
        <div className="floating-cards">
          {cards.map((task) => (
            <TaskStatusCard
              key={task.task_id}
              task={task}
              onCancel={() => cancel.mutate(task.task_id)}
              cancelling={cancel.isPending && cancel.variables === task.task_id}
              queued={places.get(task.task_id)}
              links={<BestSoFarLink task={task} />}
              onViewResult={() => view(task.task_id)}
            />
          ))}
          {more > 0 && <p className="hint">{t('task.moreWaiting', { count: more })}</p>}
        </div>
      )}
    </aside>
  )
}
