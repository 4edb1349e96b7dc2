import type { TaskEvent } from '@/api/types'

const types: Record<TaskEvent['type'], true> = {
  task_update: true,
  snapshot: true,
  task_deleted: true,
  heartbeat: true,
  error: true,
}

function isTaskEvent(value: unknown): value is TaskEvent {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false
  return typeof value.type === 'string' && Object.hasOwn(types, value.type)
}

/** The events in a WebSocket frame, without those of a newer server that this page can't read. */
export function parseTaskEvents(frame: unknown): TaskEvent[] {
  if (typeof frame !== 'string') return []
  try {
    const value: unknown = JSON.parse(frame)
    return [value].flat().filter(isTaskEvent)
  } catch {
    return []
  }
}
