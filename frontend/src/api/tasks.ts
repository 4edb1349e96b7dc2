import { httpDelete, httpGet, httpPost } from '@/api/http'
import type {
  ActionResult,
  ExperimentDetail,
  ExperimentList,
  RunningTasks,
  SubmitRequest,
  SubmitResponse,
  TaskDetail,
  TaskList,
  TaskResults,
  TaskState,
} from '@/api/types'

const base = '/api/evaluation'
const taskPath = (taskId: string) => `${base}/tasks/${encodeURIComponent(taskId)}`

export interface TaskFilter {
  status?: TaskState | undefined
  experiment_name?: string | undefined
  limit?: number | undefined
}

export function taskQueryString(filter: TaskFilter): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value))
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

export function submitEvaluation(request: SubmitRequest): Promise<SubmitResponse> {
  return httpPost(`${base}/submit`, request)
}

export function getTaskStatus(taskId: string, signal?: AbortSignal): Promise<TaskDetail> {
  return httpGet(taskPath(taskId), signal)
}

export function getTaskResults(taskId: string, signal?: AbortSignal): Promise<TaskResults> {
  return httpGet(`${taskPath(taskId)}/results`, signal)
}

export function cancelTask(taskId: string): Promise<ActionResult> {
  return httpPost(`${taskPath(taskId)}/cancel`)
}

export function deleteTask(taskId: string): Promise<ActionResult> {
  return httpDelete(taskPath(taskId))
}

export function getTasks(filter: TaskFilter = {}, signal?: AbortSignal): Promise<TaskList> {
  return httpGet(`${base}/tasks${taskQueryString(filter)}`, signal)
}

export function getRunningTasks(signal?: AbortSignal): Promise<RunningTasks> {
  return httpGet(`${base}/running`, signal)
}

export function getExperiments(signal?: AbortSignal): Promise<ExperimentList> {
  return httpGet(`${base}/experiments`, signal)
}

export function getExperiment(id: number, signal?: AbortSignal): Promise<ExperimentDetail> {
  return httpGet(`${base}/experiments/${id}`, signal)
}
