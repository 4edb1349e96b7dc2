import { Button, Flex } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { BestSoFar, QueuedTask } from '@/api/types'
import { compactPlan, oneChip } from '@/compactPlan'
import { isFinished, type LiveTask } from '@/events/liveTasks'
import { useNow } from '@/hooks/useNow'
import { useFormats } from '@/i18n/useFormats'
import { useScoreText } from '@/i18n/useScoreText'
import { openingOf } from './opening'
import { QueuePlace } from './QueueBanner'
import { StatusLabel, statusColors } from './StatusLabel'
import './TaskStatusCard.css'

export type TaskStatus = LiveTask

interface TaskStatusCardProps {
  task: TaskStatus
  onCancel?: () => void
  cancelling?: boolean
  onViewResult?: () => void
  /** Takes the card of a failed task away. */
  onClose?: () => void
  /** Its place among those that wait. */
  queued?: Pick<QueuedTask, 'position' | 'estimated_start'> | undefined
  /** Where else one can go from here. */
  links?: ReactNode
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

/** Plans so far; where evaluations are told, which may be several a plan, those are enough. */
function PlansDone(props: { stats: NonNullable<TaskStatus['search_stats']>; counted: boolean }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const { evaluated_plans, feasible_plans, total_plans } = props.stats
  return (
    <>
      {props.counted && (
        <span>
          {t('task.plansDone', { done: integer(evaluated_plans), total: integer(total_plans) })}
        </span>
      )}
      <span>{t('task.feasible', { feasible: integer(feasible_plans) })}</span>
    </>
  )
}

/** How many evaluations of how many, how fast, and for how much longer. */
function Pace({ task }: { task: TaskStatus }) {
  const { t } = useTranslation()
  const { integer, figure, duration } = useFormats()
  const { evaluations, rate, seconds_left } = task
  return (
    <>
      {evaluations !== null && (
        <span>
          {t('live.evaluations', {
            done: integer(evaluations.done),
            total: integer(evaluations.total),
          })}
        </span>
      )}
      {rate !== null && <span>{t('live.rate', { rate: figure(rate) })}</span>}
      {seconds_left !== null && (
        <span>{t('live.left', { time: duration(seconds_left * 1000) })}</span>
      )}
    </>
  )
}

function Best({ best }: { best: BestSoFar }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const scoreText = useScoreText()
  const { parallelism, chips, value, objective, risk } = best
  // A pair of pools has degrees of its own in each, which an event does not tell.
  const isPools = Object.keys(parallelism).length === 0
  const plan = isPools ? t('live.pools') : compactPlan({ ...oneChip, ...parallelism })
  const found = t('live.best', { plan, count: chips, chips: integer(chips) })
  if (objective == null || objective === 'chips') return found
  const text = risk === 'cautious' ? 'live.bestCautious' : 'live.bestFigure'
  return t(text, { best: found, figure: scoreText(objective, value) })
}

/** One task as it happens: how far, how fast, the best so far, and the way to stop it. */
export function TaskStatusCard(props: TaskStatusCardProps) {
  const { task, onCancel, cancelling = false, onViewResult, onClose, queued, links } = props
  const { t } = useTranslation()
  const { percent } = useFormats()
  const finished = isFinished(task.status)
  const since = task.started_at ?? task.created_at
  const name = task.experiment_name
  return (
    <article
      className="task-card"
      style={{ borderLeftColor: statusColors[task.status] }}
      data-task-id={task.task_id}
    >
      <Flex component="header" align="center" gap={10}>
        <h4 title={name}>{name}</h4>
        <StatusLabel status={task.status} />
      </Flex>
      <Flex align="center" gap={10}>
        <progress
          max={100}
          value={task.progress}
          aria-label={t('task.progress', { name })}
          data-progress={task.progress}
        />
        <span className="number">{percent(Math.floor(task.progress) / 100)}</span>
      </Flex>
      <Flex component="p" wrap gap="0 14px" className="muted">
        {!finished && <Pace task={task} />}
        {task.search_stats !== null && (
          <PlansDone stats={task.search_stats} counted={finished || task.evaluations === null} />
        )}
        {task.status === 'pending' && queued !== undefined && (
          <QueuePlace position={queued.position} estimatedStart={queued.estimated_start} />
        )}
        {since !== null && !finished && <Elapsed since={since} running={!finished} />}
      </Flex>
      {task.status === 'running' && task.best_so_far !== null && (
        <p>
          <Best best={task.best_so_far} />
        </p>
      )}
      {task.error !== null && <p style={{ color: 'var(--bad)' }}>{task.error}</p>}
      <Flex component="footer" justify="flex-end">
        {links}
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
        {task.status === 'failed' && onClose !== undefined && (
          <Button size="small" onClick={onClose} aria-label={t('task.closeNamed', { name })}>
            {t('task.close')}
          </Button>
        )}
        {openingOf(task) === 'end' && onViewResult !== undefined && (
          <Button size="small" onClick={onViewResult} aria-label={t('task.viewNamed', { name })}>
            {t('task.view')}
          </Button>
        )}
      </Flex>
    </article>
  )
}
