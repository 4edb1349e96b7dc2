import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { keys } from '@/api/queries'
import type { TaskEvent, TaskList, TaskState } from '@/api/types'
import { assertNever } from '@/assertNever'
import type { TaskConnection } from '@/events/connection'
import { applyEvent, isFinished, type LiveTasks, withoutTask } from '@/events/liveTasks'

/** A finished task stays on the screen this long, so that its end is seen. */
export const lingerMs = 3_000

type EventOf<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }>
type TaskPages = InfiniteData<TaskList>

function statusOf(tasks: LiveTasks, taskId: string): TaskState | undefined {
  return tasks.find(({ task_id }) => task_id === taskId)?.status
}

function pageWithProgress(page: TaskList, event: EventOf<'task_update'>): TaskList {
  if (!page.tasks.some(({ task_id }) => task_id === event.task_id)) return page
  const { type: _type, sequence: _sequence, ...figures } = event
  const tasks = page.tasks.map((task) =>
    task.task_id === event.task_id ? { ...task, ...figures } : task,
  )
  return { ...page, tasks }
}

function withProgress(
  pages: TaskPages | undefined,
  event: EventOf<'task_update'>,
): TaskPages | undefined {
  if (pages === undefined) return undefined
  return { ...pages, pages: pages.pages.map((page) => pageWithProgress(page, event)) }
}

/** Keeps the query cache true while events come in; returns how to stop. */
export function followEvents(connection: TaskConnection, client: QueryClient): () => void {
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const live = (): LiveTasks => client.getQueryData<LiveTasks>(keys.live) ?? []
  const outdated = (queryKey: readonly unknown[]) => void client.invalidateQueries({ queryKey })

  const forgetLater = (taskId: string) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      client.setQueryData<LiveTasks>(keys.live, (tasks = []) => withoutTask(tasks, taskId))
    }, lingerMs)
    timers.add(timer)
  }

  const afterUpdate = (taskId: string, status: TaskState, before: TaskState | undefined) => {
    if (before === status) return
    outdated(keys.tasks)
    outdated(keys.experiments)
    // Many tasks may end in a second: a question under way is answered, not asked anew each time.
    void client.invalidateQueries({ queryKey: keys.queue }, { cancelRefetch: false })
    outdated(keys.task(taskId))
    if (isFinished(status)) {
      outdated(keys.results(taskId))
      forgetLater(taskId)
    } else {
      outdated(keys.live)
    }
  }

  /** Events were missed that can't be told again: whatever they were about may have changed. */
  const forgetAll = () => {
    for (const key of [keys.live, keys.tasks, keys.allTasks, keys.allResults]) outdated(key)
    outdated(keys.experiments)
    outdated(keys.queue)
  }

  const apply = (event: TaskEvent) => {
    const before = live()
    const after = applyEvent(before, event)
    if (after !== before) client.setQueryData<LiveTasks>(keys.live, after)
    switch (event.type) {
      case 'task_update':
        client.setQueriesData<TaskPages>({ queryKey: keys.tasks }, (pages) =>
          withProgress(pages, event),
        )
        afterUpdate(event.task_id, event.status, statusOf(before, event.task_id))
        break
      case 'snapshot':
        if (event.resync) forgetAll()
        if (event.tasks.some(({ task_id }) => statusOf(before, task_id) === undefined)) {
          outdated(keys.live)
        }
        break
      case 'task_deleted':
        outdated(keys.tasks)
        outdated(keys.experiments)
        client.removeQueries({ queryKey: keys.results(event.task_id) })
        outdated(keys.task(event.task_id))
        break
      case 'heartbeat':
      case 'error':
        break
      default:
        assertNever(event)
    }
  }

  const stopEvents = connection.onEvent(apply)
  // What was missed is told by the connection itself; only answers that failed are asked for anew.
  const stopReconnects = connection.onReconnect(
    () => void client.invalidateQueries({ predicate: ({ state }) => state.status === 'error' }),
  )
  return () => {
    stopEvents()
    stopReconnects()
    for (const timer of timers) clearTimeout(timer)
  }
}
