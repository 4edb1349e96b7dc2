import { ReloadOutlined } from '@ant-design/icons'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Skeleton } from 'antd'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tasksQuery } from '@/api/queries'
import type { TaskFilter } from '@/api/tasks'
import { ExportLinks } from '@/components/ExportLinks'
import { LoadFailed } from '@/components/PageStates'
import { useQueuePlaces } from '@/hooks/useQueue'
import { useTaskActions } from '@/hooks/useTaskActions'
import { useFormats } from '@/i18n/useFormats'
import type { HistorySearch } from '@/searchParams'
import { BatchActions } from './BatchActions'
import { QueueBanner } from './QueueBanner'
import { TaskFilters } from './TaskFilters'
import { TaskHistoryTable } from './TaskHistoryTable'

interface TaskHistoryProps {
  search: HistorySearch
  onSearch: (change: Partial<HistorySearch>) => void
  /** Only tasks of this experiment. */
  experimentId?: number
  onViewResult: (taskId: string) => void
  onDeleted?: (taskId: string) => void
  selectedTask?: string | undefined
  /** In place of all this while there has never been a task. */
  firstVisit?: ReactNode
}

const pageSize = 50

export function historyFilter(search: HistorySearch, experimentId?: number): TaskFilter {
  const { status, text, by, ascending } = search
  const order = ascending ? 'asc' : undefined
  return { status, text, sort: by, order, experiment_id: experimentId, limit: pageSize }
}

function isNarrowed({ status, text }: HistorySearch): boolean {
  return status !== undefined || text !== undefined
}

function NoTasks({ search, onSearch }: Pick<TaskHistoryProps, 'search' | 'onSearch'>) {
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
      <Button size="small" onClick={() => onSearch({ status: undefined, text: undefined })}>
        {t('batch.clearFilters')}
      </Button>
    </div>
  )
}

/** Ticked boxes: of this visit only, as what they are for is done at once. */
function useChosen() {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const choose = (ids: readonly string[], add: boolean) =>
    setChosen((now) => {
      const next = new Set(now)
      for (const id of ids) add ? next.add(id) : next.delete(id)
      return next
    })
  return { chosen, choose, clear: () => setChosen(new Set()) }
}

function HistoryRows(props: TaskHistoryProps & { history: ReturnType<typeof useHistory> }) {
  const { history, onViewResult, onDeleted, selectedTask } = props
  const { t } = useTranslation()
  const places = useQueuePlaces()
  const { chosen, choose, clear } = useChosen()
  const { remove, retry, prioritise } = useTaskActions()
  const { tasks } = history
  if (tasks === undefined) return <Skeleton active title={false} paragraph={{ rows: 4 }} />
  if (tasks.length === 0) return <NoTasks {...props} />
  const ticked = tasks.filter(({ task_id }) => chosen.has(task_id))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = history.query
  return (
    <>
      {ticked.length > 0 && <BatchActions tasks={ticked} onClear={clear} />}
      <TaskHistoryTable
        tasks={tasks}
        places={places}
        chosen={chosen}
        onChoose={choose}
        onViewResult={onViewResult}
        onDelete={(taskId) => remove.mutate(taskId, { onSuccess: () => onDeleted?.(taskId) })}
        onRetry={(taskId) => retry.mutate(taskId)}
        onPriority={(taskId, priority) => prioritise.mutate({ taskId, priority })}
        selectedTask={selectedTask}
      />
      {hasNextPage && (
        <Button block loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('batch.loadMore')}
        </Button>
      )}
    </>
  )
}

function useHistory(filter: TaskFilter) {
  const query = useInfiniteQuery(tasksQuery(filter))
  const pages = query.data?.pages
  return { query, tasks: pages?.flatMap(({ tasks }) => tasks), total: pages?.[0]?.total ?? 0 }
}

/** Every task there is, newest first: narrow, sort, and do something with one or with many. */
export function TaskHistory(props: TaskHistoryProps) {
  const { search, onSearch, experimentId, firstVisit } = props
  const { t } = useTranslation()
  const { integer } = useFormats()
  const filter = historyFilter(search, experimentId)
  const history = useHistory(filter)
  const { query, tasks, total } = history
  const isFirstVisit = tasks?.length === 0 && !isNarrowed(search) && !query.isPlaceholderData
  if (query.error !== null && tasks === undefined) {
    return <LoadFailed error={query.error} onRetry={() => void query.refetch()} />
  }
  if (isFirstVisit && firstVisit !== undefined) return firstVisit
  return (
    <section className="panel history" aria-labelledby="history-title">
      <header className="panel-header">
        <h2 id="history-title">{t('task.history')}</h2>
        {tasks !== undefined && total > 0 && (
          <span className="muted">
            {t('task.shown', { shown: integer(tasks.length), total: integer(total) })}
          </span>
        )}
        <div className="panel-tools">
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
      <HistoryRows {...props} history={history} />
    </section>
  )
}
