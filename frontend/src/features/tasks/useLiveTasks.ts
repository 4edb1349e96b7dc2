import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { keys } from '@/api/queries'
import { getRunningTasks } from '@/api/tasks'
import { isFinished, type LiveTasks, withRunning } from '@/events/liveTasks'

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

/** One of them, which alone makes its reader render anew. */
export function useLiveTask(taskId: string) {
  const client = useQueryClient()
  const select = (tasks: LiveTasks) => tasks.find(({ task_id }) => task_id === taskId)
  return useQuery({ ...liveTasksQuery(client), select }).data
}

/** Whether a task waits or runs. */
export function useIsWorking(taskId: string | undefined): boolean {
  const client = useQueryClient()
  const select = (tasks: LiveTasks) =>
    tasks.some(({ task_id, status }) => task_id === taskId && !isFinished(status))
  return useQuery({ ...liveTasksQuery(client), select }).data ?? false
}

/** Whether the live tasks are known, and how many of them work or wait to be looked at. */
export function useLiveCounts(): { known: boolean; active: number } {
  const client = useQueryClient()
  const select = (tasks: LiveTasks) =>
    tasks.filter(({ status }) => !isFinished(status) || status === 'failed').length
  const { data } = useQuery({ ...liveTasksQuery(client), select })
  return { known: data !== undefined, active: data ?? 0 }
}

/** How many there are, and how far they are in the mean, in whole percent. */
export function useLiveSummary(): { count: number; progress: number } {
  const client = useQueryClient()
  const select = (tasks: LiveTasks) => ({
    count: tasks.length,
    progress: Math.floor(tasks.reduce((sum, task) => sum + task.progress, 0) / tasks.length),
  })
  return useQuery({ ...liveTasksQuery(client), select }).data ?? { count: 0, progress: 0 }
}
