import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { keys, queueQuery } from '@/api/queries'
import { pauseQueue } from '@/api/tasks'
import type { QueuedTask } from '@/api/types'
import { useNotices } from '@/components/Notices'

export type QueuePlaces = ReadonlyMap<string, QueuedTask>

const nowhere: QueuePlaces = new Map()

/** Where each waiting task stands, by its id; only the first hundred are known. */
export function useQueuePlaces(): QueuePlaces {
  const { data } = useQuery({
    ...queueQuery,
    select: ({ pending }): QueuePlaces => new Map(pending.map((task) => [task.task_id, task])),
  })
  return data ?? nowhere
}

/** The queue's state, and the switch that keeps waiting tasks from starting. */
export function useQueue() {
  const client = useQueryClient()
  const message = useNotices()
  const { t } = useTranslation()
  const { data: queue } = useQuery(queueQuery)
  const pause = useMutation({
    mutationFn: pauseQueue,
    onError: (error) => message.error(t('queue.changeFailed', { reason: error.message })),
    onSuccess: (_answer, paused) =>
      client.setQueryData(queueQuery.queryKey, (queue) => queue && { ...queue, paused }),
    onSettled: () => void client.invalidateQueries({ queryKey: keys.queue }),
  })
  return { queue, pause }
}
