import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { type CatalogueKind, getCatalogue } from '@/api/catalogue'
import {
  comparePlans,
  getExperiment,
  getExperiments,
  getQueue,
  getTaskResults,
  getTaskStatus,
  getTasks,
  type TaskFilter,
} from '@/api/tasks'
import type { PlanId, TaskState } from '@/api/types'

/** Every key of the server state in one place: events and mutations name what they outdate. */
export const keys = {
  live: ['live-tasks'],
  tasks: ['tasks'],
  queue: ['queue'],
  allTasks: ['task'],
  allResults: ['results'],
  task: (taskId: string) => ['task', taskId],
  results: (taskId: string) => ['results', taskId],
  experiments: ['experiments'],
} as const

/** An event can arrive while the first answer is under way, and then outdates nothing. */
const askAgainMs = 1_000

/** How often the best plans so far are asked for. */
const partialMs = 2_000

const isActive = (task: { status: TaskState } | undefined) =>
  task?.status === 'pending' || task?.status === 'running'

export const tasksQuery = (filter: TaskFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.tasks, filter],
    queryFn: ({ pageParam, signal }) => getTasks({ ...filter, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    // All pages are asked for together, so that many are asked for less often.
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? []
      const active = pages.some(({ tasks }) => tasks.some(isActive))
      return active ? askAgainMs * pages.length ** 2 : false
    },
  })

/** Who waits, in what order: estimates move with time, and no event tells of a pause. */
export const queueQuery = queryOptions({
  queryKey: keys.queue,
  queryFn: ({ signal }) => getQueue(signal),
  refetchInterval: ({ state }) =>
    state.data !== undefined && (state.data.paused || state.data.total_pending > 0)
      ? 3_000
      : 30_000,
})

export const taskQuery = (taskId: string) =>
  queryOptions({
    queryKey: keys.task(taskId),
    queryFn: ({ signal }) => getTaskStatus(taskId, signal),
    refetchInterval: ({ state }) => (isActive(state.data) ? askAgainMs : false),
  })

/** Results of a finished task never change; those of a running one are asked for until it ends. */
export const resultsQuery = (taskId: string) =>
  queryOptions({
    queryKey: keys.results(taskId),
    queryFn: ({ signal }) => getTaskResults(taskId, signal),
    staleTime: ({ state }) => (state.data?.partial ? 0 : Number.POSITIVE_INFINITY),
    refetchInterval: ({ state }) => (state.data?.partial ? partialMs : false),
  })

export const comparisonQuery = (plans: readonly PlanId[]) =>
  queryOptions({
    queryKey: ['comparison', plans],
    queryFn: () => comparePlans(plans),
  })

export const experimentsQuery = queryOptions({
  queryKey: [...keys.experiments, 'list'],
  queryFn: ({ signal }) => getExperiments(signal),
})

export const experimentQuery = (id: number) =>
  queryOptions({
    queryKey: [...keys.experiments, id],
    queryFn: ({ signal }) => getExperiment(id, signal),
  })

export const catalogueQuery = <K extends CatalogueKind>(kind: K) =>
  queryOptions({
    queryKey: ['catalogue', kind],
    queryFn: ({ signal }) => getCatalogue(kind, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
