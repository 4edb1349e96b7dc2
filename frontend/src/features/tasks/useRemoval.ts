import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { keys } from '@/api/queries'
import { changeTasks } from '@/api/tasks'
import { useNotices } from '@/components/Notices'
import { type LiveTasks, withoutTask } from '@/events/liveTasks'
import { graceOf } from './grace'
import { useRefresh, useTellOutcome } from './useTaskActions'

const undoSeconds = 8
const none: readonly string[] = []

/** Ids of the tasks that were deleted, or will be unless that is undone. */
export function useRemoved(): readonly string[] {
  const { data = none } = useQuery<readonly string[]>({
    queryKey: keys.removed,
    queryFn: skipToken,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  })
  return data
}

/** Deletes tasks after some seconds in which it can be undone; until then only lists leave them out. */
export function useRemoval() {
  const { t } = useTranslation()
  const notices = useNotices()
  const client = useQueryClient()
  const refresh = useRefresh()
  const tell = useTellOutcome()
  const back = (ids: readonly string[]) =>
    client.setQueryData<readonly string[]>(keys.removed, (all = none) =>
      all.filter((id) => !ids.includes(id)),
    )
  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      const { over, undo } = graceOf(undoSeconds)
      const action = { label: t('notice.undo'), act: undo }
      notices.success(t('notice.deleting', { count: ids.length }), undoSeconds, action)
      return (await over) ? changeTasks({ action: 'delete', task_ids: [...ids] }) : undefined
    },
    onMutate: (ids) => {
      client.setQueryData<readonly string[]>(keys.removed, (all = none) => [...all, ...ids])
    },
    onSuccess: (result, ids) => {
      if (result === undefined) return back(ids)
      const gone = result.results.filter(({ success }) => success).map(({ task_id }) => task_id)
      back(ids.filter((id) => !gone.includes(id)))
      client.setQueryData<LiveTasks>(keys.live, (tasks = []) => gone.reduce(withoutTask, tasks))
      tell(result, gone.length === 1 ? t('notice.deleted') : undefined)
      return refresh()
    },
    onError: (error, ids) => {
      back(ids)
      notices.error(t('notice.deleteFailed', { reason: error.message }))
      return refresh()
    },
  })
}
