import { skipToken, useQuery, useQueryClient } from '@tanstack/react-query'
import type { FormValues } from './formValues'

/** The question of a task as the form holds it; what it was asked never changes. */
export function useAsked(taskId: string | undefined): FormValues | undefined {
  const client = useQueryClient()
  const { data } = useQuery({
    queryKey: ['asked', taskId],
    queryFn:
      taskId === undefined
        ? skipToken
        : async () => (await import('./questionOfTask')).questionOfTask(client, taskId),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  return taskId === undefined ? undefined : data
}
