import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { keys } from '@/api/queries'
import { getTaskResults, submitEvaluation } from '@/api/tasks'
import type { SubmitRequest, SubmitResponse } from '@/api/types'
import { useNotices } from '@/components/Notices'

async function submittedAgain(taskId: string): Promise<SubmitResponse> {
  const { experiment_name, request } = await getTaskResults(taskId)
  // What a task keeps of its request is what a submission takes, with presets written out.
  return submitEvaluation({
    ...(request as Omit<SubmitRequest, 'experiment_name'>),
    experiment_name,
  })
}

/** Submits a task's inputs once more, as they were, into the same experiment. */
export function useRunAgain(onSubmitted: (taskId: string) => void) {
  const message = useNotices()
  const { t } = useTranslation()
  const client = useQueryClient()
  return useMutation({
    mutationFn: submittedAgain,
    onSuccess: ({ task_id }) => {
      void client.invalidateQueries({ queryKey: keys.tasks })
      void client.invalidateQueries({ queryKey: keys.experiments })
      message.success(t('notice.submitted'))
      onSubmitted(task_id)
    },
    onError: () => message.error(t('notice.submitFailed')),
  })
}
