import { api, bodyOf } from '@/api/client'
import type { paths } from '@/api/schema.gen'
import type { Batch, PlanId, PriorityChange, SubmitRequest } from '@/api/types'

/** Which tasks a list holds, and in what order. */
export type TaskFilter = NonNullable<paths['/api/evaluation/tasks']['get']['parameters']['query']>

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

export function deleteTask(taskId: string) {
  return bodyOf(api.DELETE('/api/evaluation/tasks/{task_id}', one(taskId)))
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

export function changeTasks(body: Batch) {
  return bodyOf(api.POST('/api/evaluation/tasks/batch', { body }))
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
