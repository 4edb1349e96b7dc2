// Events and tasks for tests, with what a test cares about given by name.
import type { RunningTask, TaskEvent } from '@/api/types'
import type { LiveTask } from '@/events/liveTasks'

type Update = Extract<TaskEvent, { type: 'task_update' }>

export function update(change: Partial<Update> = {}): Update {
  return {
    type: 'task_update',
    task_id: 'a',
    experiment_name: 'first light',
    status: 'running',
    progress: 10,
    message: 'Running',
    error: null,
    search_stats: null,
    priority: 0,
    evaluations: null,
    rate: null,
    seconds_left: null,
    best_so_far: null,
    sequence: 1,
    ...change,
  }
}

export function snapshot(...tasks: Partial<Update>[]): Extract<TaskEvent, { type: 'snapshot' }> {
  return {
    type: 'snapshot',
    sequence: 1,
    resync: false,
    tasks: tasks.map((change) => {
      const { type: _type, ...figures } = update(change)
      return figures
    }),
  }
}

export function liveTask(change: Partial<LiveTask> = {}): LiveTask {
  const { type: _type, ...figures } = update()
  return { ...figures, created_at: null, started_at: null, ...change }
}

export function runningTask(change: Partial<RunningTask> = {}): RunningTask {
  return {
    task_id: 'a',
    experiment_name: 'first light',
    status: 'pending',
    progress: 0,
    message: 'Waiting',
    created_at: '2026-11-23T10:00:00Z',
    ...change,
  }
}
