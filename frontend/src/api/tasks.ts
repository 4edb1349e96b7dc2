import { api, bodyOf } from '@/api/client'
import type { paths } from '@/api/schema.gen'
import type {
  Batch,
  BatchResult,
  PlanId,
  PriorityChange,
  SubmitRequest,
  TaskSummary,
} from '@/api/types'

/** Which tasks a list holds, and in what order. */
export type TaskFilter = NonNullable<paths['/api/evaluation/tasks']['get']['parameters']['query']>

/** So many tasks the service lists and changes in one request. */
const mostAtOnce = 1000

const one = (task_id: string) => ({ params: { path: { task_id } } })

export function submitEvaluation(body: SubmitRequest) {
  return bodyOf(api.POST('/api/evaluation/submit', { body }))
}

export function getTaskStatus(taskId: string, signal?: AbortSignal) {
  return bodyOf(api.GET('/api/evaluation/tasks/{task_id}', { ...one(taskId), signal }))
}

export function getTaskResults(taskId: string, signal?: AbortSignal) {
  return bodyOf(api.GET('/api/evaluation/tasks/{task_id}/results', { ...one(taskId), signal }))
}

export function cancelTask(taskId: string) {
  return bodyOf(api.POST('/api/evaluation/tasks/{task_id}/cancel', one(taskId)))
}

export function retryTask(taskId: string) {
  return bodyOf(api.POST('/api/evaluation/tasks/{task_id}/retry', one(taskId)))
}

export function changePriority({ taskId, ...body }: PriorityChange & { taskId: string }) {
  return bodyOf(api.POST('/api/evaluation/tasks/{task_id}/priority', { ...one(taskId), body }))
}

/** Puts a waiting task before another one, or at the queue's end. */
export function moveTask({ taskId, before }: { taskId: string; before: string | null }) {
  const body = { before }
  return bodyOf(api.POST('/api/evaluation/tasks/{task_id}/move', { ...one(taskId), body }))
}

function refused(task_ids: readonly string[], error: unknown): BatchResult {
  const message = error instanceof Error ? error.message : String(error)
  const results = task_ids.map((task_id) => ({ task_id, success: false, code: null, message }))
  return { results, succeeded: 0, failed: results.length }
}

/** One action on tasks, however many: as many requests as they take, one after the other. */
export async function changeTasks({ task_ids, ...action }: Batch): Promise<BatchResult> {
  // It may be sent as the page is left.
  const keepalive = action.action === 'delete'
  const all: BatchResult = { results: [], succeeded: 0, failed: 0 }
  for (let start = 0; start < task_ids.length; start += mostAtOnce) {
    const body = { ...action, task_ids: task_ids.slice(start, start + mostAtOnce) }
    const part = await bodyOf(api.POST('/api/evaluation/tasks/batch', { body, keepalive })).catch(
      (error) => {
        // What was done before stays done, and is said.
        if (start === 0) throw error
        return refused(body.task_ids, error)
      },
    )
    all.results.push(...part.results)
    all.succeeded += part.succeeded
    all.failed += part.failed
  }
  return all
}

export function comparePlans(results: PlanId[], signal?: AbortSignal) {
  return bodyOf(api.POST('/api/evaluation/compare', { body: { results }, signal }))
}

export function getQueue(signal?: AbortSignal) {
  return bodyOf(api.GET('/api/evaluation/queue', { params: { query: { limit: 100 } }, signal }))
}

export function pauseQueue(paused: boolean) {
  return bodyOf(
    paused ? api.POST('/api/evaluation/queue/pause') : api.POST('/api/evaluation/queue/resume'),
  )
}

export function getTasks(query: TaskFilter = {}, signal?: AbortSignal) {
  return bodyOf(api.GET('/api/evaluation/tasks', { params: { query }, signal }))
}

/** All tasks that a filter leaves, however many pages they take. */
export async function getAllTasks(filter: TaskFilter): Promise<TaskSummary[]> {
  const tasks: TaskSummary[] = []
  let cursor: string | undefined
  do {
    const page = await getTasks({ ...filter, limit: mostAtOnce, cursor })
    tasks.push(...page.tasks)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return tasks
}

export function getRunningTasks(signal?: AbortSignal) {
  return bodyOf(api.GET('/api/evaluation/running', { signal }))
}

export function getExperiments(signal?: AbortSignal) {
  return bodyOf(api.GET('/api/evaluation/experiments', { signal }))
}

export function getExperiment(experiment_id: number, signal?: AbortSignal) {
  const params = { path: { experiment_id } }
  return bodyOf(api.GET('/api/evaluation/experiments/{experiment_id}', { params, signal }))
}
