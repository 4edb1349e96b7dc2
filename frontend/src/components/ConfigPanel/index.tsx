import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { tasksQuery } from '@/api/queries'
import type { TaskState } from '@/api/types'
import { LoadFailed } from '@/components/PageStates'
import { useLiveTasks } from '@/hooks/useLiveTasks'
import { useTaskActions } from '@/hooks/useTaskActions'
import { TaskHistoryTable } from './DeploymentAnalysis/components/TaskHistoryTable'
import { TaskStatusCard } from './DeploymentAnalysis/components/TaskStatusCard'
import { DeploymentForm } from './DeploymentAnalysis/DeploymentForm'
import { Welcome } from './DeploymentAnalysis/Welcome'

interface ConfigPanelProps {
  selectedTask?: string | undefined
  status?: TaskState | undefined
  onStatusChange: (status: TaskState | undefined) => void
  onSelectTask: (taskId: string | undefined) => void
  /** The result of the selected task, composed by the page. */
  result: ReactNode
}

function RunningTasks(props: { onViewResult: (taskId: string) => void }) {
  const { t } = useTranslation()
  const { data: tasks = [] } = useLiveTasks()
  const { cancel } = useTaskActions()
  if (tasks.length === 0) return null
  return (
    <section className="running" aria-label={t('task.running')}>
      {tasks.map((task) => (
        <TaskStatusCard
          key={task.task_id}
          task={task}
          onCancel={() => cancel.mutate(task.task_id)}
          cancelling={cancel.isPending && cancel.variables === task.task_id}
          onViewResult={() => props.onViewResult(task.task_id)}
        />
      ))}
    </section>
  )
}

function TaskHistory(props: Omit<ConfigPanelProps, 'result'>) {
  const { selectedTask, status, onStatusChange, onSelectTask } = props
  const history = useQuery(tasksQuery({ status, limit: 50 }))
  const { remove } = useTaskActions()
  const deleteTask = (taskId: string) => {
    remove.mutate(taskId)
    if (taskId === selectedTask) onSelectTask(undefined)
  }
  if (history.isError && history.data === undefined) {
    return <LoadFailed error={history.error} onRetry={() => void history.refetch()} />
  }
  const isFirstVisit = history.data?.total === 0 && status === undefined
  if (isFirstVisit) return <Welcome />
  return (
    <TaskHistoryTable
      tasks={history.data?.tasks ?? []}
      total={history.data?.total ?? 0}
      loading={history.isFetching}
      status={status}
      onStatusChange={onStatusChange}
      onRefresh={() => void history.refetch()}
      onViewResult={onSelectTask}
      onDelete={deleteTask}
      selectedTask={selectedTask}
    />
  )
}

/** The question on the left; what is being worked on, its answer and all earlier ones beside it. */
export function ConfigPanel(props: ConfigPanelProps) {
  const { result, ...history } = props
  return (
    <div className="analysis">
      <DeploymentForm onSubmitted={props.onSelectTask} />
      <div className="analysis-main">
        <RunningTasks onViewResult={props.onSelectTask} />
        {result}
        <TaskHistory {...history} />
      </div>
    </div>
  )
}
