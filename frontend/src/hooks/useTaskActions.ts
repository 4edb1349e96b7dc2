import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { keys } from '@/api/queries'
import { cancelTask, deleteTask } from '@/api/tasks'
import { useNotices } from '@/components/Notices'
import { type LiveTasks, withoutTask } from '@/events/liveTasks'

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Cancel and delete, with their notices; the lists follow by events and by invalidation. */
export function useTaskActions() {
  const message = useNotices()
  const { t } = useTranslation()
  const client = useQueryClient()
  const refresh = () => {
    void client.invalidateQueries({ queryKey: keys.tasks })
    void client.invalidateQueries({ queryKey: keys.experiments })
  }

  const cancel = useMutation({
    mutationFn: cancelTask,
    onSuccess: () => message.success(t('notice.cancelled')),
    onError: (error) => message.error(t('notice.cancelFailed', { reason: reasonOf(error) })),
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: deleteTask,
    onSuccess: (_result, taskId) => {
      client.setQueryData<LiveTasks>(keys.live, (tasks = []) => withoutTask(tasks, taskId))
      message.success(t('notice.deleted'))
    },
    onError: (error) => message.error(t('notice.deleteFailed', { reason: reasonOf(error) })),
    onSettled: refresh,
  })
  return { cancel, remove }
}
