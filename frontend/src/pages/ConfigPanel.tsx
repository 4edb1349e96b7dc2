import type { ReactNode } from 'react'
import { QuestionBar, type QuestionBarProps } from '@/features/deploymentForm/QuestionBar'
import { RunningTasks } from '@/features/tasks/RunningTasks'
import { TaskHistory } from '@/features/tasks/TaskHistory'
import type { HistorySearch } from '@/searchParams'
import { Welcome } from './Welcome'

interface ConfigPanelProps extends Omit<QuestionBarProps, 'taskId'> {
  selectedTask?: string | undefined
  search: HistorySearch
  onSearch: (change: Partial<HistorySearch>) => void
  onSelectTask: (taskId: string | undefined) => void
  /** The result of the selected task, composed by the page. */
  result: ReactNode
}

/** The question above; beneath it what is being worked on, its answer and all earlier ones. */
export function ConfigPanel(props: ConfigPanelProps) {
  const { result, selectedTask, search, onSearch, onSelectTask, ...question } = props
  return (
    <div className="page page-wide stack">
      <QuestionBar {...question} taskId={selectedTask} />
      <RunningTasks onViewResult={onSelectTask} selectedTask={selectedTask} />
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
  )
}
