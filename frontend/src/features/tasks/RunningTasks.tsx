import { useTranslation } from 'react-i18next'
import { TaskCards } from './TaskCards'
import { useLiveTasks } from './useLiveTasks'
import './RunningTasks.css'

/** What is waiting, running, or has ended a moment ago; nothing while there is none of it. */
export function RunningTasks(props: { onViewResult: (taskId: string) => void }) {
  const { t } = useTranslation()
  const { data: tasks = [] } = useLiveTasks()
  if (tasks.length === 0) return null
  return (
    <section className="running-tasks" aria-label={t('task.running')}>
      <TaskCards tasks={tasks} onViewResult={props.onViewResult} />
    </section>
  )
}
