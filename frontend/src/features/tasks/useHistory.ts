import { useInfiniteQuery } from '@tanstack/react-query'
import { tasksQuery } from '@/api/queries'
import type { TaskFilter } from '@/api/tasks'
import { useRemoved } from './useRemoval'

/** The tasks that a filter leaves, as far as they were asked for, and how many there are. */
export function useHistory(filter: TaskFilter) {
  const query = useInfiniteQuery(tasksQuery(filter))
  const removed = useRemoved()
  const pages = query.data?.pages
  const listed = pages?.flatMap(({ tasks }) => tasks)
  const tasks = listed?.filter(({ task_id }) => !removed.includes(task_id))
  const hidden = (listed?.length ?? 0) - (tasks?.length ?? 0)
  return { query, tasks, total: (pages?.[0]?.total ?? 0) - hidden }
}

export type History = ReturnType<typeof useHistory>
