import { queryOptions } from '@tanstack/react-query'
import { type CatalogueKind, getCatalogue } from '@/api/catalogue'
import {
  getExperiment,
  getExperiments,
  getTaskResults,
  getTaskStatus,
  getTasks,
  type TaskFilter,
} from '@/api/tasks'
import type { TaskState } from '@/api/types'

/** Every key of the server state in one place: events and mutations name what they outdate. */
export const keys = {
  live: ['live-tasks'],
  tasks: ['tasks'],
  task: (taskId: string) => ['task', taskId],
  results: (taskId: string) => ['results', taskId],
  experiments: ['experiments'],
} as const

/** An event can arrive while the first answer is under way, and then outdates nothing. */
const askAgainMs = 1_000

const isActive = (task: { status: TaskState } | undefined) =>
  task?.status === 'pending' || task?.status === 'running'

export const tasksQuery = (filter: TaskFilter) =>
  queryOptions({
    queryKey: [...keys.tasks, filter],
    queryFn: ({ signal }) => getTasks(filter, signal),
    refetchInterval: ({ state }) => (state.data?.tasks.some(isActive) ? askAgainMs : false),
  })

export const taskQuery = (taskId: string) =>
  queryOptions({
    queryKey: keys.task(taskId),
    queryFn: ({ signal }) => getTaskStatus(taskId, signal),
    refetchInterval: ({ state }) => (isActive(state.data) ? askAgainMs : false),
  })

/** Results of a finished task never change. */
export const resultsQuery = (taskId: string) =>
  queryOptions({
    queryKey: keys.results(taskId),
    queryFn: ({ signal }) => getTaskResults(taskId, signal),
    staleTime: Number.POSITIVE_INFINITY,
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
