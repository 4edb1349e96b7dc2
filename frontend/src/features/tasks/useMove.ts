import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { keys, queueQuery } from '@/api/queries'
import { moveTask } from '@/api/tasks'
import { useNotices } from '@/components/Notices'
import { withMoved } from './lanes'

/** Puts a waiting task before another one: shown at once, and taken back where it can't be. */
export function useMove() {
  const client = useQueryClient()
  const message = useNotices()
  const { t } = useTranslation()
  return useMutation({
    mutationFn: moveTask,
    onMutate: async ({ taskId, before }) => {
      await client.cancelQueries({ queryKey: keys.queue })
      client.setQueryData(
        queueQuery.queryKey,
        (queue) => queue && { ...queue, pending: [...withMoved(queue.pending, taskId, before)] },
      )
    },
    onError: (error) => message.error(t('overview.moveFailed', { reason: error.message })),
    onSettled: () => void client.invalidateQueries({ queryKey: keys.queue }),
  })
}
