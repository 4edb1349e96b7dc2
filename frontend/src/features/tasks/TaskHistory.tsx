import { lazy, type ReactNode, Suspense } from 'react'
import { LoadFailed, PageLoading } from '@/components/PageStates'
import type { HistorySearch } from '@/searchParams'
import { periodOf } from './since'
import { useHistory } from './useHistory'

export interface TaskHistoryProps {
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

// A table with its filters is as heavy as the form: it comes with the first task.
const TaskHistoryPanel = lazy(async () => ({
  default: (await import('./TaskHistoryPanel')).TaskHistoryPanel,
}))

/** Nothing of the history is left out. */
export const everything = {
  status: undefined,
  text: undefined,
  since: undefined,
  from: undefined,
  to: undefined,
} as const satisfies Partial<HistorySearch>

export function isNarrowed(search: HistorySearch): boolean {
  return (Object.keys(everything) as (keyof typeof everything)[]).some(
    (name) => search[name] !== undefined,
  )
}

/** Every task there is, newest first: narrow, sort, and do something with one or with many. */
export function TaskHistory(props: TaskHistoryProps) {
  const { search, experimentId, firstVisit } = props
  const { status, text, by, ascending } = search
  const filter = { status, text, ...periodOf(search, new Date()), experiment_id: experimentId }
  const order = ascending ? ('asc' as const) : undefined
  const history = useHistory({ ...filter, sort: by, order, limit: pageSize })
  const { query, tasks } = history
  if (query.error !== null && tasks === undefined) {
    return <LoadFailed error={query.error} onRetry={() => void query.refetch()} />
  }
  const isFirstVisit =
    tasks !== undefined && history.total === 0 && !isNarrowed(search) && !query.isPlaceholderData
  if (isFirstVisit && firstVisit !== undefined) return firstVisit
  if (tasks === undefined) return <PageLoading />
  return (
    <Suspense fallback={<PageLoading />}>
      <TaskHistoryPanel {...props} history={history} filter={filter} />
    </Suspense>
  )
}
