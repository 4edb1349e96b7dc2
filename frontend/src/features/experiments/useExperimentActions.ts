import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { changeExperiment, deleteExperiment, importExperiment } from '@/api/experiments'
import { keys } from '@/api/queries'
import { useNotices } from '@/components/Notices'

/** What can be done with an experiment; the lists follow. */
export function useExperimentActions() {
  const { t } = useTranslation()
  const notices = useNotices()
  const client = useQueryClient()
  const shared = {
    onError: (error: Error) => notices.error(error.message, 6),
    // Tasks are listed under the name of their experiment.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.experiments })
      void client.invalidateQueries({ queryKey: keys.tasks })
    },
  }
  const change = useMutation({ mutationFn: changeExperiment, ...shared })
  const remove = useMutation({
    mutationFn: deleteExperiment,
    ...shared,
    onSuccess: () => notices.success(t('experiments.deleted')),
  })
  const restore = useMutation({
    mutationFn: importExperiment,
    ...shared,
    onSuccess: ({ experiment_name, tasks }) =>
      notices.success(t('experiments.imported', { count: tasks, name: experiment_name })),
  })
  return { change, remove, restore }
}
