import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { StatusLabel } from '@/components/StatusLabel'
import { isFinished, type LiveTask } from '@/events/liveTasks'
import { useNow } from '@/hooks/useNow'
import { useFormats } from '@/i18n/useFormats'

export type TaskStatus = LiveTask

interface TaskStatusCardProps {
  task: TaskStatus
  onCancel?: () => void
  cancelling?: boolean
  onViewResult?: () => void
}

function Elapsed(props: { since: string; running: boolean }) {
  const { t } = useTranslation()
  const { duration } = useFormats()
  const now = useNow(props.running)
  return (
    <span>
      {t('task.elapsed')} {duration(now - Date.parse(props.since))}
    </span>
  )
}

function PlansDone(props: { stats: NonNullable<TaskStatus['search_stats']> }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const { evaluated_plans, feasible_plans, total_plans } = props.stats
  return (
    <>
      <span>
        {t('task.plansDone', { done: integer(evaluated_plans), total: integer(total_plans) })}
      </span>
      <span>{t('task.feasible', { feasible: integer(feasible_plans) })}</span>
    </>
  )
}

/** One task as it happens: how far, how many plans, how long, and the way to stop it. */
export function TaskStatusCard(props: TaskStatusCardProps) {
  const { task, onCancel, cancelling = false, onViewResult } = props
  const { t } = useTranslation()
  const { percent } = useFormats()
  const finished = isFinished(task.status)
  const since = task.started_at ?? task.created_at
  const name = task.experiment_name
  return (
    <article className={`task-card task-card-${task.status}`} data-task-id={task.task_id}>
      <header>
        <h4 title={name}>{name}</h4>
        <StatusLabel status={task.status} />
      </header>
      <div className="task-card-bar">
        <progress
          max={100}
          value={task.progress}
          aria-label={t('task.progress', { name })}
          data-progress={task.progress}
        />
        <span className="number">{percent(Math.floor(task.progress) / 100)}</span>
      </div>
      <p className="task-card-facts">
        {task.search_stats !== null && <PlansDone stats={task.search_stats} />}
        {since !== null && !finished && <Elapsed since={since} running={!finished} />}
      </p>
      {task.error !== null && <p className="task-card-error">{task.error}</p>}
      <footer>
        {!finished && onCancel !== undefined && (
          <Button
            size="small"
            danger
            loading={cancelling}
            onClick={onCancel}
            aria-label={t('task.cancelNamed', { name })}
          >
            {t('task.cancel')}
          </Button>
        )}
        {finished && task.status !== 'cancelled' && onViewResult !== undefined && (
          <Button size="small" onClick={onViewResult} aria-label={t('task.viewNamed', { name })}>
            {t('task.view')}
          </Button>
        )}
      </footer>
    </article>
  )
}
