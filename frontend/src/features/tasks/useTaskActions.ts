import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { keys } from '@/api/queries'
import { cancelTask, changePriority, changeTasks, retryTask } from '@/api/tasks'
import type { BatchResult } from '@/api/types'
import { assertNever } from '@/assertNever'
import { useNotices } from '@/components/Notices'

/** What one hears after a batch: all, some or nothing of it was done, and the first reason why. */
export type BatchOutcome =
  | { kind: 'done'; count: number }
  | { kind: 'partly'; done: number; failed: number; reason: string }
  | { kind: 'failed'; reason: string }

export function batchOutcome({ succeeded, failed, results }: BatchResult): BatchOutcome {
  const reason = results.find(({ success }) => !success)?.message ?? ''
  if (failed === 0) return { kind: 'done', count: succeeded }
  if (succeeded === 0) return { kind: 'failed', reason }
  return { kind: 'partly', done: succeeded, failed, reason }
}

export function useRefresh() {
  const client = useQueryClient()
  return () => {
    void client.invalidateQueries({ queryKey: keys.tasks })
    void client.invalidateQueries({ queryKey: keys.recent })
    void client.invalidateQueries({ queryKey: keys.experiments })
    void client.invalidateQueries({ queryKey: keys.queue })
  }
}

/** What can be done with one task, with its notices; the lists follow by events and anew. */
export function useTaskActions() {
  const message = useNotices()
  const { t } = useTranslation()
  const refresh = useRefresh()

  const cancel = useMutation({
    mutationFn: cancelTask,
    onSuccess: () => message.success(t('notice.cancelled')),
    onError: (error) => message.error(t('notice.cancelFailed', { reason: error.message })),
    onSettled: refresh,
  })
  const retry = useMutation({
    mutationFn: retryTask,
    onSuccess: () => message.success(t('batch.retried')),
    onError: (error) => message.error(t('batch.retryFailed', { reason: error.message })),
    onSettled: refresh,
  })
  const prioritise = useMutation({
    mutationFn: changePriority,
    onSuccess: () => message.success(t('batch.priorityChanged')),
    onError: (error) => message.error(t('batch.priorityFailed', { reason: error.message })),
    onSettled: refresh,
  })
  return { cancel, retry, prioritise }
}

/** Says what became of an action for many tasks. */
export function useTellOutcome() {
  const message = useNotices()
  const { t } = useTranslation()
  return (result: BatchResult, done?: string) => {
    const outcome = batchOutcome(result)
    switch (outcome.kind) {
      case 'done':
        message.success(done ?? t('batch.done', { count: outcome.count }))
        break
      case 'partly':
        message.warning(t('batch.partly', { ...outcome }), 6)
        break
      case 'failed':
        message.error(t('batch.failed', { ...outcome }), 6)
        break
      default:
        assertNever(outcome)
    }
  }
}

/** One action for many tasks. */
export function useBatch(onDone: () => void) {
  const message = useNotices()
  const { t } = useTranslation()
  const refresh = useRefresh()
  const tell = useTellOutcome()
  return useMutation({
    mutationFn: changeTasks,
    onSuccess: (result) => {
      tell(result)
      onDone()
    },
    onError: (error) => message.error(t('batch.failed', { reason: error.message })),
    onSettled: refresh,
  })
}
