import { DeleteOutlined } from '@ant-design/icons'
import { Button, Popconfirm } from 'antd'
import { useTranslation } from 'react-i18next'
import type { QueuedTask, TaskSummary } from '@/api/types'
import { type Column, DataTable } from '@/components/DataTable'
import { StatusLabel } from '@/components/StatusLabel'
import { isFinished } from '@/events/liveTasks'
import type { QueuePlaces } from '@/hooks/useQueue'
import type { Formats } from '@/i18n/format'
import { useFormats } from '@/i18n/useFormats'
import { applies } from './BatchActions'
import { BestSoFarLink } from './BestSoFarLink'
import { QueuePlace } from './QueueBanner'

export type TaskHistoryItem = TaskSummary
type OnPriority = (taskId: string, priority: number) => void

interface TaskHistoryTableProps {
  tasks: readonly TaskHistoryItem[]
  places: QueuePlaces
  /** Ids of the tasks whose boxes are ticked. */
  chosen: ReadonlySet<string>
  onChoose: (taskIds: readonly string[], chosen: boolean) => void
  onViewResult: (taskId: string) => void
  onDelete: (taskId: string) => void
  onRetry: (taskId: string) => void
  onPriority: OnPriority
  /** The task whose result is open. */
  selectedTask?: string | undefined
}

/** From start to end; null while either is unknown. */
export function taskDuration(task: Pick<TaskHistoryItem, 'started_at' | 'completed_at'>) {
  if (task.started_at == null || task.completed_at == null) return null
  return Date.parse(task.completed_at) - Date.parse(task.started_at)
}

function plansText(task: TaskHistoryItem, { integer }: Formats): string {
  const stats = task.search_stats
  return stats == null ? '–' : `${integer(stats.feasible_plans)} / ${integer(stats.total_plans)}`
}

function StatusCell(props: { task: TaskHistoryItem; queued: QueuedTask | undefined }) {
  const { task, queued } = props
  const { percent, duration } = useFormats()
  const { t } = useTranslation()
  return (
    <span className="status-cell">
      <StatusLabel status={task.status} />
      {task.status === 'running' && (
        <span className="number">{percent(Math.floor(task.progress) / 100)}</span>
      )}
      {task.status === 'running' && task.seconds_left !== null && (
        <span className="muted">
          {t('live.left', { time: duration(task.seconds_left * 1000) })}
        </span>
      )}
      {task.status === 'pending' && queued !== undefined && (
        <QueuePlace position={queued.position} estimatedStart={queued.estimated_start} />
      )}
    </span>
  )
}

/** The priority, which can be changed as long as the task waits. */
function PriorityCell(props: { task: TaskHistoryItem; onPriority: OnPriority }) {
  const { task, onPriority } = props
  const { t } = useTranslation()
  const { integer } = useFormats()
  if (task.status !== 'pending') return integer(task.priority)
  const commit = (input: HTMLInputElement) => {
    const priority = input.valueAsNumber
    if (!input.validity.valid || Number.isNaN(priority)) input.value = String(task.priority)
    else if (priority !== task.priority) onPriority(task.task_id, priority)
  }
  return (
    <input
      key={task.priority}
      className="priority"
      type="number"
      min={-100}
      max={100}
      step={1}
      defaultValue={task.priority}
      aria-label={t('batch.priorityOf', { name: task.experiment_name })}
      onBlur={({ target }) => commit(target)}
      onKeyDown={(event) => event.key === 'Enter' && commit(event.currentTarget)}
    />
  )
}

function RowActions(
  props: Pick<TaskHistoryTableProps, 'onViewResult' | 'onDelete' | 'onRetry'> & {
    task: TaskHistoryItem
  },
) {
  const { task, onViewResult, onDelete, onRetry } = props
  const { t } = useTranslation()
  const name = task.experiment_name
  const question = isFinished(task.status) ? 'task.deleteQuestion' : 'task.deleteRunningQuestion'
  return (
    <span className="row-actions">
      {(task.status === 'completed' || task.status === 'failed') && (
        <Button
          size="small"
          type="link"
          onClick={() => onViewResult(task.task_id)}
          aria-label={t('task.viewNamed', { name })}
        >
          {t('task.view')}
        </Button>
      )}
      <BestSoFarLink task={task} />
      {applies('retry', task) && (
        <Button
          size="small"
          type="link"
          onClick={() => onRetry(task.task_id)}
          aria-label={t('batch.retryNamed', { name })}
        >
          {t('batch.retry')}
        </Button>
      )}
      <Popconfirm
        title={t(question)}
        description={t('task.deleteConsequence')}
        okText={t('task.delete')}
        okButtonProps={{ danger: true }}
        cancelText={t('task.keep')}
        onConfirm={() => onDelete(task.task_id)}
      >
        <Button
          size="small"
          type="text"
          danger
          icon={<DeleteOutlined />}
          aria-label={t('task.deleteNamed', { name })}
          title={t('task.delete')}
        />
      </Popconfirm>
    </span>
  )
}

function SelectAll({ tasks, chosen, onChoose }: TaskHistoryTableProps) {
  const { t } = useTranslation()
  const ids = tasks.map(({ task_id }) => task_id)
  const some = ids.some((id) => chosen.has(id))
  const all = some && ids.every((id) => chosen.has(id))
  return (
    <input
      type="checkbox"
      checked={all}
      ref={(input) => {
        if (input !== null) input.indeterminate = some && !all
      }}
      onChange={({ target }) => onChoose(ids, target.checked)}
      aria-label={t('batch.selectAll')}
    />
  )
}

function useColumns(props: TaskHistoryTableProps): readonly Column<TaskHistoryItem, string>[] {
  const { t } = useTranslation()
  const formats = useFormats()
  const duration = (task: TaskHistoryItem) => {
    const milliseconds = taskDuration(task)
    return milliseconds === null ? '–' : formats.duration(milliseconds)
  }
  return [
    {
      key: 'select',
      title: t('batch.select'),
      header: <SelectAll {...props} />,
      render: (task) => (
        <input
          type="checkbox"
          checked={props.chosen.has(task.task_id)}
          onChange={({ target }) => props.onChoose([task.task_id], target.checked)}
          aria-label={t('batch.selectNamed', { name: task.experiment_name })}
        />
      ),
    },
    {
      key: 'experiment',
      title: t('task.experiment'),
      render: (task) => (
        <span className="ellipsis" title={task.experiment_name}>
          {task.experiment_name}
        </span>
      ),
    },
    {
      key: 'status',
      title: t('task.filter'),
      render: (task) => <StatusCell task={task} queued={props.places.get(task.task_id)} />,
    },
    {
      key: 'priority',
      title: t('form.priority'),
      numeric: true,
      render: (task) => <PriorityCell task={task} onPriority={props.onPriority} />,
    },
    {
      key: 'plans',
      title: t('task.feasiblePlans'),
      numeric: true,
      render: (task) => plansText(task, formats),
    },
    { key: 'duration', title: t('task.duration'), numeric: true, render: duration },
    {
      key: 'created',
      title: t('task.created'),
      numeric: true,
      render: (task) => <time dateTime={task.created_at}>{formats.dateTime(task.created_at)}</time>,
    },
    {
      key: 'actions',
      title: t('task.actions'),
      render: (task) => <RowActions {...props} task={task} />,
    },
  ]
}

/** Tasks, one a row: tick them, open a result, try again, move in the queue, delete. */
export function TaskHistoryTable(props: TaskHistoryTableProps) {
  const { t } = useTranslation()
  const columns = useColumns(props)
  return (
    <DataTable
      caption={t('task.history')}
      columns={columns}
      rows={props.tasks}
      rowKey={(task) => task.task_id}
      selectedKey={props.selectedTask}
    />
  )
}
