import { DeleteOutlined } from '@ant-design/icons'
import { Checkbox, Flex, Popconfirm } from 'antd'
import { memo, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { QueuedTask, TaskSummary } from '@/api/types'
import { numeric } from '@/components/columns'
import { VirtualTable, type WideColumn } from '@/components/VirtualTable'
import { isFinished } from '@/events/liveTasks'
import type { Formats } from '@/i18n/format'
import { useFormats } from '@/i18n/useFormats'
import { applies } from './BatchActions'
import { BestSoFarLink } from './BestSoFarLink'
import { CompareBest } from './CompareBest'
import { openingOf } from './opening'
import { PriorityInput } from './PriorityInput'
import { QueuePlace } from './QueueBanner'
import type { Question } from './question'
import { StatusLabel } from './StatusLabel'
import type { QueuePlaces } from './useQueue'
import { useTaskText } from './useTaskText'

export type TaskHistoryItem = TaskSummary
type OnPriority = (taskId: string, priority: number) => void

interface TaskHistoryTableProps {
  tasks: readonly TaskHistoryItem[]
  places: QueuePlaces
  /** Ids of the tasks whose boxes are ticked. */
  chosen: readonly string[]
  onChoose: (taskIds: readonly string[]) => void
  /** Opens what the task has to show, if it has. */
  onOpen: (task: TaskHistoryItem) => void
  onDelete: (taskId: string) => void
  onRetry: (taskId: string) => void
  onPriority: OnPriority
  /** The task whose result is open. */
  selectedTask?: string | undefined
  /** The task that the keyboard is at. */
  activeTask?: string | undefined
  /** Which columns somebody wants to see. */
  shown: readonly HistoryColumn[]
  onEnd?: () => void
  complete?: boolean
}

export const historyColumns = [
  'status',
  'model',
  'chips',
  'load',
  'limits',
  'engine',
  'best',
  'plans',
  'priority',
  'duration',
  'created',
  'tags',
] as const
export type HistoryColumn = (typeof historyColumns)[number]
export const usualColumns: readonly HistoryColumn[] = [
  'status',
  'model',
  'chips',
  'load',
  'limits',
  'best',
  'created',
]

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
    <Flex gap={8}>
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
  // A row's cells are used again for another task: what was typed is of one of them.
  const [of, setOf] = useState({ task: task.task_id, typed: null as number | null })
  const typed = of.task === task.task_id ? of.typed : null
  const setTyped = (typed: number | null) => setOf({ task: task.task_id, typed })
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
  props: Pick<TaskHistoryTableProps, 'onOpen' | 'onDelete' | 'onRetry'> & {
    task: TaskHistoryItem
  },
) {
  const { task, onOpen, onDelete, onRetry } = props
  const { t } = useTranslation()
  const name = task.experiment_name
  // A question for each row would cost more than all the rest of it.
  const [asked, setAsked] = useState<string>()
  const asking = asked === task.task_id
  const ask = (now: boolean) => setAsked(now ? task.task_id : undefined)
  const remove = (
    <button
      type="button"
      className="row-button row-remove"
      aria-label={t('task.deleteNamed', { name })}
      title={t('task.delete')}
      onClick={() => ask(true)}
    >
      <DeleteOutlined />
    </button>
  )
  const question = isFinished(task.status) ? 'task.deleteQuestion' : 'task.deleteRunningQuestion'
  return (
    <span className="row-actions">
      {openingOf(task) === 'end' && (
        <button
          type="button"
          className="row-button"
          onClick={() => onOpen(task)}
          aria-label={t('task.viewNamed', { name })}
        >
          {t('task.view')}
        </button>
      )}
      <BestSoFarLink task={task} />
      <CompareBest task={task} />
      {applies('retry', task) && (
        <button
          type="button"
          className="row-button"
          onClick={() => onRetry(task.task_id)}
          aria-label={t('batch.retryNamed', { name })}
        >
          {t('batch.retry')}
        </button>
      )}
      {asking ? (
        <Popconfirm
          open
          onOpenChange={ask}
          title={t(question)}
          description={t('task.deleteConsequence')}
          okText={t('task.delete')}
          okButtonProps={{ danger: true }}
          cancelText={t('task.keep')}
          onConfirm={() => onDelete(task.task_id)}
        >
          {remove}
        </Popconfirm>
      ) : (
        remove
      )}
    </span>
  )
}

interface Latest {
  current: TaskHistoryTableProps
}

/** All columns by their keys; what a row does asks for the newest properties. */
function useColumns(latest: Latest, props: TaskHistoryTableProps): WideColumn<TaskHistoryItem>[] {
  const { t } = useTranslation()
  const formats = useFormats()
  const taskText = useTaskText()
  const { shown, places, chosen, tasks } = props
  return useMemo(() => {
    const asked = (
      key: keyof Question,
      width: number,
      hint: (task: TaskHistoryItem) => string | undefined = () => undefined,
    ): WideColumn<TaskHistoryItem> => ({
      key,
      title: t(`history.${key}`),
      width,
      render: (task) => {
        const text = taskText(task)[key] || '–'
        return <span title={[text, hint(task)].filter(Boolean).join(' · ')}>{text}</span>
      },
    })
    const duration = (task: TaskHistoryItem) => {
      const milliseconds = taskDuration(task)
      return milliseconds === null ? '–' : formats.duration(milliseconds)
    }
    const onChoose = (ids: readonly string[]) => latest.current.onChoose(ids)
    const all: Record<HistoryColumn, WideColumn<TaskHistoryItem>> = {
      status: {
        key: 'status',
        title: t('task.filter'),
        width: 116,
        render: (task) => <StatusCell task={task} queued={places.get(task.task_id)} />,
      },
      model: {
        key: 'model',
        title: t('form.model'),
        width: 130,
        render: ({ model_name }) => <span title={model_name}>{model_name || '–'}</span>,
      },
      chips: asked('chips', 128),
      load: asked('load', 232, ({ asked }) =>
        asked === null || asked.sweep.length === 0
          ? undefined
          : t('history.varies', { fields: asked.sweep.join(', ') }),
      ),
      limits: asked('limits', 130),
      engine: asked('engine', 84),
      best: asked('best', 182, ({ asked }) =>
        asked?.risk === 'cautious' ? t('history.cautiousHint') : undefined,
      ),
      plans: {
        ...numeric<TaskHistoryItem>('plans', t('task.feasiblePlans'), (task) =>
          plansText(task, formats),
        ),
        width: 124,
      },
      priority: {
        ...numeric<TaskHistoryItem>('priority', t('form.priority'), (task) => (
          <PriorityCell
            task={task}
            onPriority={(id, priority) => latest.current.onPriority(id, priority)}
          />
        )),
        width: 84,
      },
      duration: {
        ...numeric<TaskHistoryItem>('duration', t('task.duration'), duration),
        width: 84,
      },
      created: {
        ...numeric<TaskHistoryItem>('created', t('task.created'), (task) => (
          <time dateTime={task.created_at}>{formats.dateTime(task.created_at)}</time>
        )),
        width: 118,
      },
      tags: {
        key: 'tags',
        title: t('task.tags'),
        width: 130,
        render: ({ tags }) => tags.join(', '),
      },
    }
    const isAll = chosen.length > 0 && chosen.length >= tasks.length
    return [
      {
        key: 'tick',
        title: '',
        width: 36,
        head: (
          <Checkbox
            aria-label={t('batch.selectAll')}
            checked={isAll}
            indeterminate={chosen.length > 0 && !isAll}
            onChange={() => onChoose(isAll ? [] : latest.current.tasks.map((one) => one.task_id))}
          />
        ),
        render: ({ task_id, experiment_name: name }) => (
          <input
            type="checkbox"
            aria-label={t('batch.selectNamed', { name })}
            checked={chosen.includes(task_id)}
            onChange={({ target }) =>
              onChoose(
                target.checked ? [...chosen, task_id] : chosen.filter((id) => id !== task_id),
              )
            }
          />
        ),
      },
      {
        key: 'experiment',
        title: t('task.experiment'),
        render: (task) => <span title={task.experiment_name}>{task.experiment_name}</span>,
      },
      ...historyColumns.filter((key) => shown.includes(key)).map((key) => all[key]),
      {
        key: 'actions',
        title: t('task.actions'),
        width: 152,
        render: (task) => (
          <RowActions
            task={task}
            onOpen={(task) => latest.current.onOpen(task)}
            onDelete={(id) => latest.current.onDelete(id)}
            onRetry={(id) => latest.current.onRetry(id)}
          />
        ),
      },
    ]
  }, [t, formats, taskText, shown, places, chosen, tasks.length, latest])
}

/** Tasks, one a row, whose click opens the result: tick them, try again, move in the queue, delete. */
export const TaskHistoryTable = memo(function TaskHistoryTable(props: TaskHistoryTableProps) {
  const { t } = useTranslation()
  const [latest] = useState<Latest>(() => ({ current: props }))
  latest.current = props
  const columns = useColumns(latest, props)
  return (
    <VirtualTable
      caption={t('task.history')}
      columns={columns}
      rows={props.tasks}
      rowKey={keyOf}
      selectedKey={props.selectedTask}
      activeKey={props.activeTask}
      onSelect={props.onOpen}
      onEnd={props.onEnd}
      complete={props.complete ?? true}
    />
  )
})

function keyOf({ task_id }: TaskHistoryItem): string {
  return task_id
}
