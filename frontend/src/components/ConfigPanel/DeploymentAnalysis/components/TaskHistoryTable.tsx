import { DeleteOutlined, ReloadOutlined } from '@ant-design/icons'
import { Button, Popconfirm, Skeleton } from 'antd'
import { useTranslation } from 'react-i18next'
import type { TaskState, TaskSummary } from '@/api/types'
import { type Column, DataTable } from '@/components/DataTable'
import { StatusLabel } from '@/components/StatusLabel'
import { isFinished } from '@/events/liveTasks'
import type { Formats } from '@/i18n/format'
import { useFormats } from '@/i18n/useFormats'
import { taskStates } from '@/searchParams'

export type TaskHistoryItem = TaskSummary

interface TaskHistoryTableProps {
  tasks: readonly TaskHistoryItem[]
  total?: number
  loading: boolean
  status?: TaskState | undefined
  onStatusChange?: (status: TaskState | undefined) => void
  onRefresh: () => void
  onViewResult: (taskId: string) => void
  onDelete: (taskId: string) => void
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

function StatusCell({ task }: { task: TaskHistoryItem }) {
  const { percent } = useFormats()
  return (
    <span className="status-cell">
      <StatusLabel status={task.status} />
      {task.status === 'running' && (
        <span className="number">{percent(Math.floor(task.progress) / 100)}</span>
      )}
    </span>
  )
}

function RowActions(props: {
  task: TaskHistoryItem
  onViewResult: (taskId: string) => void
  onDelete: (taskId: string) => void
}) {
  const { task, onViewResult, onDelete } = props
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

function useColumns(props: TaskHistoryTableProps): readonly Column<TaskHistoryItem, string>[] {
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
    { key: 'status', title: t('task.filter'), render: (task) => <StatusCell task={task} /> },
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
      render: (task) => (
        <RowActions task={task} onViewResult={props.onViewResult} onDelete={props.onDelete} />
      ),
    },
  ]
}

function StatusFilter(props: Pick<TaskHistoryTableProps, 'status' | 'onStatusChange'>) {
  const { t } = useTranslation()
  return (
    <label className="inline-field">
      <span>{t('task.filter')}</span>
      <select
        value={props.status ?? ''}
        onChange={({ target }) =>
          props.onStatusChange?.(taskStates.find((state) => state === target.value))
        }
      >
        <option value="">{t('task.all')}</option>
        {taskStates.map((state) => (
          <option key={state} value={state}>
            {t(`task.status_${state}`)}
          </option>
        ))}
      </select>
    </label>
  )
}

function HistoryBody(props: TaskHistoryTableProps) {
  const { t } = useTranslation()
  const columns = useColumns(props)
  if (props.loading && props.tasks.length === 0) {
    return <Skeleton active title={false} paragraph={{ rows: 4 }} />
  }
  if (props.tasks.length === 0) {
    const filtered = props.status !== undefined
    return (
      <div className="empty">
        <strong>{filtered ? t('task.noneWithStatus') : t('task.none')}</strong>
        {!filtered && <p>{t('task.noneHint')}</p>}
      </div>
    )
  }
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

/** Every task there is, newest first: filter, look again, open its result, delete it. */
export function TaskHistoryTable(props: TaskHistoryTableProps) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const { tasks, total = tasks.length, loading, onRefresh } = props
  return (
    <section className="panel history" aria-labelledby="history-title">
      <header className="panel-header">
        <h2 id="history-title">{t('task.history')}</h2>
        {total > 0 && (
          <span className="muted">
            {t('task.shown', { shown: integer(tasks.length), total: integer(total) })}
          </span>
        )}
        <div className="panel-tools">
          {props.onStatusChange !== undefined && (
            <StatusFilter status={props.status} onStatusChange={props.onStatusChange} />
          )}
          <Button size="small" icon={<ReloadOutlined />} loading={loading} onClick={onRefresh}>
            {t('task.refresh')}
          </Button>
        </div>
      </header>
      <HistoryBody {...props} />
    </section>
  )
}
