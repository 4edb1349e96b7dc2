import { httpDelete, httpGet, httpPost } from '@/api/http'
import type {
  ActionResult,
  Batch,
  BatchResult,
  Comparison,
  ExperimentDetail,
  ExperimentList,
  PlanId,
  Queue,
  RunningTasks,
  SubmitRequest,
  SubmitResponse,
  TaskDetail,
  TaskList,
  TaskResults,
  TaskSort,
  TaskState,
} from '@/api/types'

const base = '/api/evaluation'
const taskPath = (taskId: string) => `${base}/tasks/${encodeURIComponent(taskId)}`

export interface TaskFilter {
  /** Any of these. */
  status?: readonly TaskState[] | undefined
  text?: string | undefined
  experiment_name?: string | undefined
  experiment_id?: number | undefined
  task_id?: string | undefined
  sort?: TaskSort | undefined
  order?: 'asc' | 'desc' | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

export function taskQueryString(filter: TaskFilter): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '') parameters.append(name, String(one))
    }
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

export function retryTask(taskId: string): Promise<ActionResult> {
  return httpPost(`${taskPath(taskId)}/retry`)
}

export function changePriority(taskId: string, priority: number): Promise<ActionResult> {
  return httpPost(`${taskPath(taskId)}/priority`, { priority })
}

export function changeTasks(batch: Batch): Promise<BatchResult> {
  return httpPost(`${base}/tasks/batch`, batch)
}

export function comparePlans(results: readonly PlanId[]): Promise<Comparison> {
  return httpPost(`${base}/compare`, { results })
}

export function getQueue(signal?: AbortSignal): Promise<Queue> {
  return httpGet(`${base}/queue?limit=100`, signal)
}

export function pauseQueue(paused: boolean): Promise<ActionResult> {
  return httpPost(`${base}/queue/${paused ? 'pause' : 'resume'}`)
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
