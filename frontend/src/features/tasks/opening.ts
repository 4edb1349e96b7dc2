import { assertNever } from '@/assertNever'
import type { LiveTask } from '@/events/liveTasks'

/** What opening a task shows: its end, the best plans so far, or nothing to look at yet. */
export function openingOf(task: Pick<LiveTask, 'status' | 'best_so_far'>): 'end' | 'soFar' | null {
  switch (task.status) {
    case 'completed':
    case 'failed':
      return 'end'
    case 'running':
      return task.best_so_far === null ? null : 'soFar'
    case 'pending':
    case 'cancelled':
      return null
    default:
      return assertNever(task.status)
  }
}
