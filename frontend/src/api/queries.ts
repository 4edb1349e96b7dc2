import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
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
import type { PlanId } from '@/api/types'

/**
 * Every key of the server state in one place: events and mutations name what they outdate. Nothing
 * here asks by the clock: events keep it true (events/cacheSync.ts).
 */
export const keys = {
  live: ['live-tasks'],
  removed: ['removed-tasks'],
  tasks: ['tasks'],
  recent: ['recent-tasks'],
  queue: ['queue'],
  allTasks: ['task'],
  allResults: ['results'],
  task: (taskId: string) => ['task', taskId],
  results: (taskId: string) => ['results', taskId],
  experiments: ['experiments'],
} as const

export const tasksQuery = (filter: TaskFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.tasks, filter],
    queryFn: ({ pageParam, signal }) => getTasks({ ...filter, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })

/** The tasks that ended last in that state. */
export const recentTasksQuery = (status: 'completed' | 'failed', limit: number) =>
  queryOptions({
    queryKey: [...keys.recent, status, limit],
    queryFn: async ({ signal }) =>
      (await getTasks({ status: [status], sort: 'completed_at', limit }, signal)).tasks,
  })

/** Who waits, in what order. */
export const queueQuery = queryOptions({
  queryKey: keys.queue,
  queryFn: ({ signal }) => getQueue(signal),
})

export const taskQuery = (taskId: string) =>
  queryOptions({
    queryKey: keys.task(taskId),
    queryFn: ({ signal }) => getTaskStatus(taskId, signal),
  })

/** Results of a finished task never change. */
export const resultsQuery = (taskId: string) =>
  queryOptions({
    queryKey: keys.results(taskId),
    queryFn: ({ signal }) => getTaskResults(taskId, signal),
    staleTime: ({ state }) => (state.data?.partial ? 0 : Number.POSITIVE_INFINITY),
  })

export const comparisonQuery = (plans: PlanId[]) =>
  queryOptions({
    queryKey: ['comparison', plans],
    queryFn: ({ signal }) => comparePlans(plans, signal),
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
