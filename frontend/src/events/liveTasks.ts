import type {
  BestSoFar,
  Evaluations,
  RunningTask,
  SearchStats,
  TaskEvent,
  TaskState,
} from '@/api/types'
import { assertNever } from '@/assertNever'

/** What the page knows of a task that is waiting, running or has ended a moment ago. */
export interface LiveTask {
  task_id: string
  experiment_name: string
  status: TaskState
  progress: number
  message: string | null
  error: string | null
  search_stats: SearchStats | null
  /** Decides who starts first; -100 to 100. */
  priority: number
  /** Null, like the next three, before the first chunk is done. */
  evaluations: Evaluations | null
  /** Evaluations per second. */
  rate: number | null
  seconds_left: number | null
  best_so_far: BestSoFar | null
  created_at: string | null
  started_at: string | null
  /** Number of the newest event applied; null before the first one. */
  sequence: number | null
}

/** What is true of a task that no event has told of yet. */
export const newTask = {
  error: null,
  search_stats: null,
  priority: 0,
  evaluations: null,
  rate: null,
  seconds_left: null,
  best_so_far: null,
  sequence: null,
} as const

/** Oldest first, so that cards keep their places. */
export type LiveTasks = readonly LiveTask[]

export function isFinished(status: TaskState): boolean {
  switch (status) {
    case 'pending':
    case 'running':
      return false
    case 'completed':
    case 'failed':
    case 'cancelled':
      return true
    default:
      return assertNever(status)
  }
}

type TaskFigures = Extract<TaskEvent, { type: 'snapshot' }>['tasks'][number]

function withFigures(known: LiveTask | undefined, figures: TaskFigures): LiveTask {
  return {
    task_id: figures.task_id,
    experiment_name: figures.experiment_name,
    status: figures.status,
    progress: figures.progress,
    message: figures.message ?? null,
    error: figures.error ?? null,
    search_stats: figures.search_stats ?? known?.search_stats ?? null,
    priority: figures.priority,
    evaluations: figures.evaluations ?? known?.evaluations ?? null,
    rate: figures.rate ?? null,
    seconds_left: figures.seconds_left ?? null,
    best_so_far: figures.best_so_far ?? known?.best_so_far ?? null,
    created_at: known?.created_at ?? null,
    started_at: known?.started_at ?? null,
    sequence: figures.sequence,
  }
}

function put(tasks: LiveTasks, task: LiveTask): LiveTasks {
  const index = tasks.findIndex(({ task_id }) => task_id === task.task_id)
  return index < 0 ? [...tasks, task] : tasks.with(index, task)
}

function isStale(known: LiveTask | undefined, sequence: number): boolean {
  return known?.sequence != null && sequence <= known.sequence
}

function applyUpdate(tasks: LiveTasks, figures: TaskFigures): LiveTasks {
  const known = tasks.find(({ task_id }) => task_id === figures.task_id)
  if (isStale(known, figures.sequence)) return tasks
  // The end of a task nobody here has seen is news for the history, not for the live area.
  if (known === undefined && isFinished(figures.status)) return tasks
  return put(tasks, withFigures(known, figures))
}

/** The snapshot is the whole truth of a (new) connection: what it lacks has ended meanwhile. */
function applySnapshot(tasks: LiveTasks, snapshot: readonly TaskFigures[]): LiveTasks {
  const lingering = tasks.filter(({ status }) => isFinished(status))
  const live = snapshot.map((figures) =>
    withFigures(
      tasks.find(({ task_id }) => task_id === figures.task_id),
      figures,
    ),
  )
  const ids = new Set(live.map(({ task_id }) => task_id))
  return [...lingering.filter(({ task_id }) => !ids.has(task_id)), ...live]
}

export function applyEvent(tasks: LiveTasks, event: TaskEvent): LiveTasks {
  switch (event.type) {
    case 'task_update':
      return applyUpdate(tasks, event)
    case 'snapshot':
      return applySnapshot(tasks, event.tasks)
    case 'task_deleted':
      return tasks.filter(({ task_id }) => task_id !== event.task_id)
    case 'heartbeat':
    case 'error':
      return tasks
    default:
      return assertNever(event)
  }
}

export function withoutTask(tasks: LiveTasks, taskId: string): LiveTasks {
  return tasks.filter(({ task_id }) => task_id !== taskId)
}

/** The task just submitted, shown before the first event about it arrives. */
export function withSubmitted(tasks: LiveTasks, task: LiveTask): LiveTasks {
  return tasks.some(({ task_id }) => task_id === task.task_id) ? tasks : [...tasks, task]
}

/** The task as it may be while no events come: whatever is asked for now is newer. */
export function untold(task: LiveTask): LiveTask {
  return { ...task, rate: null, seconds_left: null, sequence: null }
}

/** The list of /running beside what events have told: it knows the times, they the newest state. */
export function withRunning(tasks: LiveTasks, running: readonly RunningTask[]): LiveTasks {
  const merged = running.map((task): LiveTask => {
    const known = tasks.find(({ task_id }) => task_id === task.task_id)
    const told = known?.sequence == null ? task : {}
    return { started_at: null, ...newTask, ...task, ...known, ...told, created_at: task.created_at }
  })
  const ids = new Set(merged.map(({ task_id }) => task_id))
  const lingering = tasks.filter(({ task_id, status }) => isFinished(status) && !ids.has(task_id))
  return [...lingering, ...merged]
}
