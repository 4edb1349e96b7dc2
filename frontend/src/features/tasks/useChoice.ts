import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { getAllTasks, type TaskFilter } from '@/api/tasks'
import type { TaskSummary } from '@/api/types'
import { useNotices } from '@/components/Notices'

interface Matching {
  /** What was asked for, as text. */
  readonly filter: string
  readonly tasks: readonly TaskSummary[]
}

/** The tasks ticked: of the rows loaded or, once asked for, of all that the filter leaves. */
export function useChoice(filter: TaskFilter, loaded: readonly TaskSummary[]) {
  const { t } = useTranslation()
  const notices = useNotices()
  const [chosen, choose] = useState<readonly string[]>([])
  const [matching, setMatching] = useState<Matching>()
  const all = useMutation({
    mutationFn: getAllTasks,
    onSuccess: (tasks, asked) => {
      setMatching({ filter: JSON.stringify(asked), tasks })
      choose(tasks.map(({ task_id }) => task_id))
    },
    onError: (error) => notices.error(t('batch.failed', { reason: error.message })),
  })
  const unloaded = matching?.filter === JSON.stringify(filter) ? matching.tasks : []
  // What is loaded is kept up to date, so it has the last word.
  const known = new Map([...unloaded, ...loaded].map((task) => [task.task_id, task]))
  const ticked = chosen.flatMap((id) => known.get(id) ?? [])
  return { chosen, choose, ticked, all }
}
