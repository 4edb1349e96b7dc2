import type { ReactNode } from 'react'
import { DeploymentForm } from '@/features/deploymentForm/DeploymentForm'
import { RunningTasks } from '@/features/tasks/RunningTasks'
import { TaskHistory } from '@/features/tasks/TaskHistory'
import type { HistorySearch } from '@/searchParams'
import { Welcome } from './Welcome'
import './ConfigPanel.css'

interface ConfigPanelProps {
  selectedTask?: string | undefined
  search: HistorySearch
  onSearch: (change: Partial<HistorySearch>) => void
  onSelectTask: (taskId: string | undefined) => void
  /** The result of the selected task, composed by the page. */
  result: ReactNode
}

/** The question on the left; what is being worked on, its answer and all earlier ones beside it. */
export function ConfigPanel(props: ConfigPanelProps) {
  const { result, selectedTask, search, onSearch, onSelectTask } = props
  return (
    <div className="config-panel">
      <DeploymentForm onSubmitted={props.onSelectTask} />
      <div className="stack">
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
