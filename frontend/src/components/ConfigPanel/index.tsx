import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { withCards } from '@/events/liveTasks'
import { useLiveTasks } from '@/hooks/useLiveTasks'
import { useQueuePlaces } from '@/hooks/useQueue'
import { useTaskActions } from '@/hooks/useTaskActions'
import type { HistorySearch } from '@/searchParams'
import { BestSoFarLink } from './DeploymentAnalysis/components/BestSoFarLink'
import { TaskHistory } from './DeploymentAnalysis/components/TaskHistory'
import { TaskStatusCard } from './DeploymentAnalysis/components/TaskStatusCard'
import { DeploymentForm } from './DeploymentAnalysis/DeploymentForm'
import { Welcome } from './DeploymentAnalysis/Welcome'

interface ConfigPanelProps {
  selectedTask?: string | undefined
  search: HistorySearch
  onSearch: (change: Partial<HistorySearch>) => void
  onSelectTask: (taskId: string | undefined) => void
  /** The result of the selected task, composed by the page. */
  result: ReactNode
}

function RunningTasks(props: { onViewResult: (taskId: string) => void }) {
  const { t } = useTranslation()
  const { data: tasks = [] } = useLiveTasks()
  const { cancel } = useTaskActions()
  const places = useQueuePlaces()
  if (tasks.length === 0) return null
  const { cards, more } = withCards(tasks)
  return (
    <section className="running" aria-label={t('task.running')}>
      {cards.map((task) => (
        <TaskStatusCard
          key={task.task_id}
          task={task}
          onCancel={() => cancel.mutate(task.task_id)}
          cancelling={cancel.isPending && cancel.variables === task.task_id}
          queued={places.get(task.task_id)}
          links={<BestSoFarLink task={task} />}
          onViewResult={() => props.onViewResult(task.task_id)}
        />
      ))}
      {more > 0 && <p className="hint">{t('task.moreWaiting', { count: more })}</p>}
    </section>
  )
}

/** The question on the left; what is being worked on, its answer and all earlier ones beside it. */
export function ConfigPanel(props: ConfigPanelProps) {
  const { result, selectedTask, search, onSearch, onSelectTask } = props
  return (
    <div className="analysis">
      <DeploymentForm onSubmitted={props.onSelectTask} />
      <div className="analysis-main">
        <RunningTasks onViewResult={props.onSelectTask} />
        {result}
        <TaskHistory
          search={search}
          onSearch={onSearch}
          onViewResult={onSelectTask}
          onDeleted={(taskId) => taskId === selectedTask && onSelectTask(undefined)}
          selectedTask={selectedTask}
          firstVisit={<Welcome />}
        />
      </div>
    </div>
  )
}
