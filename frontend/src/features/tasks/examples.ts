// Tasks of a list for tests, with what a test cares about given by name.
import type { TaskSummary } from '@/api/types'
import { runningTask, update } from '@/events/examples'

export function summary(change: Partial<TaskSummary> = {}): TaskSummary {
  const { type: _type, sequence: _sequence, ...figures } = update()
  return {
    ...figures,
    ...runningTask(),
    experiment_id: 1,
    search_mode: 'auto',
    started_at: null,
    completed_at: null,
    model_name: 'llama-3.1-8b',
    asked: null,
    best_score: null,
    tags: [],
    pinned: false,
    ...change,
  }
}
