import { useInfiniteQuery } from '@tanstack/react-query'
import { tasksQuery } from '@/api/queries'
import type { TaskFilter } from '@/api/tasks'

/** The tasks that a filter leaves, as far as they were asked for, and how many there are. */
export function useHistory(filter: TaskFilter) {
  const query = useInfiniteQuery(tasksQuery(filter))
  const pages = query.data?.pages
  return { query, tasks: pages?.flatMap(({ tasks }) => tasks), total: pages?.[0]?.total ?? 0 }
}

export type History = ReturnType<typeof useHistory>
