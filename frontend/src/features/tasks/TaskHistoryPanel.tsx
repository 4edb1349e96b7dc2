import { ReloadOutlined } from '@ant-design/icons'
import { useNavigate } from '@tanstack/react-router'
import { Button, Skeleton } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { TaskFilter } from '@/api/tasks'
import { ColumnChoice } from '@/components/ColumnChoice'
import { ExportLinks } from '@/components/ExportLinks'
import { useStored } from '@/hooks/useStored'
import { useFormats } from '@/i18n/useFormats'
import { BatchActions } from './BatchActions'
import { openingOf } from './opening'
import { QueueBanner } from './QueueBanner'
import { TaskFilters } from './TaskFilters'
import { everything, isNarrowed, type TaskHistoryProps } from './TaskHistory'
import {
  type HistoryColumn,
  historyColumns,
  type TaskHistoryItem,
  TaskHistoryTable,
  usualColumns,
} from './TaskHistoryTable'
import { useChoice } from './useChoice'
import type { History } from './useHistory'
import { useKeyboardRow } from './useKeyboardRow'
import { useQueuePlaces } from './useQueue'
import { useRemoval } from './useRemoval'
import { useTaskActions } from './useTaskActions'
import './TaskHistory.css'

const none: readonly never[] = []

function areColumns(value: unknown): value is readonly HistoryColumn[] {
  return Array.isArray(value) && value.every((key) => historyColumns.includes(key))
}

interface PanelProps extends TaskHistoryProps {
  history: History
  filter: TaskFilter
}

function NoTasks({ search, onSearch }: Pick<PanelProps, 'search' | 'onSearch'>) {
  const { t } = useTranslation()
  if (!isNarrowed(search)) {
    return (
      <div className="empty">
        <strong>{t('task.none')}</strong>
        <p>{t('task.noneHint')}</p>
      </div>
    )
  }
  return (
    <div className="empty">
      <p>
        <strong>{t('batch.noneMatching')}</strong>
      </p>
      <Button size="small" onClick={() => onSearch(everything)}>
        {t('batch.clearFilters')}
      </Button>
    </div>
  )
}

/** Opens what a task has to show; the best plans so far have a page of their own. */
function useOpen(onViewResult: TaskHistoryProps['onViewResult']) {
  const navigate = useNavigate()
  return (task: TaskHistoryItem) => {
    const opening = openingOf(task)
    const { task_id: taskId } = task
    if (opening === 'end') onViewResult(taskId)
    if (opening === 'soFar') void navigate({ to: '/results/$taskId', params: { taskId } })
  }
}

function HistoryRows(props: PanelProps & { columns: readonly HistoryColumn[] }) {
  const { history, onViewResult, onDeleted, selectedTask, columns } = props
  const places = useQueuePlaces()
  const { retry, prioritise } = useTaskActions()
  const removal = useRemoval()
  const { tasks, total } = history
  // Of this visit only, as what the boxes are for is done at once.
  const { chosen, choose, ticked, all } = useChoice(props.filter, tasks ?? none)
  const open = useOpen(onViewResult)
  const active = useKeyboardRow(tasks ?? none, open)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = history.query
  // All rows loaded were deleted: there are others.
  const isWaiting = tasks === undefined || (tasks.length === 0 && hasNextPage)
  useEffect(() => {
    if (isWaiting && hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [isWaiting, hasNextPage, isFetchingNextPage, fetchNextPage])
  if (isWaiting) return <Skeleton active title={false} paragraph={{ rows: 4 }} />
  if (tasks.length === 0) return <NoTasks {...props} />
  const wanted = historyColumns.filter((key) => columns.includes(key))
  return (
    <>
      {ticked.length > 0 && (
        <BatchActions
          tasks={ticked}
          onClear={() => choose([])}
          matching={ticked.length >= tasks.length && total > ticked.length ? total : undefined}
          onAll={() => all.mutate(props.filter)}
          waiting={all.isPending}
        />
      )}
      <TaskHistoryTable
        tasks={tasks}
        places={places}
        chosen={chosen}
        onChoose={choose}
        onOpen={open}
        onDelete={(taskId) => {
          removal.mutate([taskId])
          onDeleted?.(taskId)
        }}
        onRetry={(taskId) => retry.mutate(taskId)}
        onPriority={(taskId, priority) => prioritise.mutate({ taskId, priority })}
        selectedTask={selectedTask}
        activeTask={active}
        shown={wanted}
        complete={!hasNextPage}
        onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()}
      />
    </>
  )
}

/** The tasks that the filters leave, and what can be done with one or with many of them. */
export function TaskHistoryPanel(props: PanelProps) {
  const { search, onSearch, filter } = props
  const { t } = useTranslation()
  const { integer } = useFormats()
  const { query, tasks, total } = props.history
  const [columns, setColumns] = useStored('tier6.tasks.columns', areColumns, usualColumns)
  return (
    <section className="panel task-history" aria-labelledby="history-title">
      <header className="panel-header">
        <h2 id="history-title">{t('task.history')}</h2>
        {tasks !== undefined && total > 0 && (
          <span className="muted">
            {t('task.shown', { shown: integer(tasks.length), total: integer(total) })}
          </span>
        )}
        <div className="panel-tools">
          <ColumnChoice
            options={historyColumns.map((value) => ({ value, label: t(`task.column_${value}`) }))}
            columns={columns}
            onColumns={setColumns}
          />
          <ExportLinks table="tasks" filter={filter} />
          <Button
            size="small"
            icon={<ReloadOutlined />}
            loading={query.isRefetching}
            onClick={() => void query.refetch()}
          >
            {t('task.refresh')}
          </Button>
        </div>
      </header>
      <QueueBanner />
      <TaskFilters search={search} onSearch={onSearch} />
      <HistoryRows {...props} columns={columns} />
    </section>
  )
}
