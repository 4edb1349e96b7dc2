import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { keys } from '@/api/queries'
import { getRunningTasks } from '@/api/tasks'
import { type LiveTasks, withRunning } from '@/events/liveTasks'

/** Waiting and running tasks: fetched once, then kept by the events (events/cacheSync.ts). */
export const liveTasksQuery = (client: QueryClient) =>
  queryOptions({
    queryKey: keys.live,
    queryFn: async ({ signal }): Promise<LiveTasks> => {
      const { tasks } = await getRunningTasks(signal)
      return withRunning(client.getQueryData<LiveTasks>(keys.live) ?? [], tasks)
    },
    staleTime: Number.POSITIVE_INFINITY,
  })

export function useLiveTasks() {
  const client = useQueryClient()
  return useQuery(liveTasksQuery(client))
}
