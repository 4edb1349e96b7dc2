import { DeleteOutlined } from '@ant-design/icons'
import { Button, Flex, Popconfirm } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { QueuedTask, TaskSummary } from '@/api/types'
import { type Column, DataTable, numeric } from '@/components/DataTable'
import { isFinished } from '@/events/liveTasks'
import type { Formats } from '@/i18n/format'
import { useFormats } from '@/i18n/useFormats'
import { applies } from './BatchActions'
import { BestSoFarLink } from './BestSoFarLink'
import { PriorityInput } from './PriorityInput'
import { QueuePlace } from './QueueBanner'
import { StatusLabel } from './StatusLabel'
import type { QueuePlaces } from './useQueue'

export type TaskHistoryItem = TaskSummary
type OnPriority = (taskId: string, priority: number) => void

interface TaskHistoryTableProps {
  tasks: readonly TaskHistoryItem[]
  places: QueuePlaces
  /** Ids of the tasks whose boxes are ticked. */
  chosen: readonly string[]
  onChoose: (taskIds: readonly string[]) => void
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
    <Flex wrap gap="0 8px">
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
    </Flex>
  )
}

/** The priority, which can be changed as long as the task waits. */
function PriorityCell(props: { task: TaskHistoryItem; onPriority: OnPriority }) {
  const { task, onPriority } = props
  const { t } = useTranslation()
  const { integer } = useFormats()
  const [typed, setTyped] = useState<number | null>(null)
  if (task.status !== 'pending') return integer(task.priority)
  const commit = () => {
    if (typed !== null && typed !== task.priority) onPriority(task.task_id, typed)
    setTyped(null)
  }
  return (
    <PriorityInput
      value={typed ?? task.priority}
      onChange={setTyped}
      aria-label={t('batch.priorityOf', { name: task.experiment_name })}
      onBlur={commit}
      onPressEnter={commit}
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

function useColumns(props: TaskHistoryTableProps): readonly Column<TaskHistoryItem>[] {
  const { t } = useTranslation()
  const formats = useFormats()
  const duration = (task: TaskHistoryItem) => {
    const milliseconds = taskDuration(task)
    return milliseconds === null ? '–' : formats.duration(milliseconds)
  }
  return [
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
    numeric('priority', t('form.priority'), (task) => (
      <PriorityCell task={task} onPriority={props.onPriority} />
    )),
    numeric('plans', t('task.feasiblePlans'), (task) => plansText(task, formats)),
    numeric('duration', t('task.duration'), duration),
    numeric('created', t('task.created'), (task) => (
      <time dateTime={task.created_at}>{formats.dateTime(task.created_at)}</time>
    )),
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
      ticks={{
        keys: props.chosen,
        nameOf: (task) => t('batch.selectNamed', { name: task.experiment_name }),
        nameOfAll: t('batch.selectAll'),
        onTick: props.onChoose,
      }}
    />
  )
}
