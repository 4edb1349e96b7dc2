import { LinkOutlined, RedoOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Flex } from 'antd'
import { useTranslation } from 'react-i18next'
import { taskQuery } from '@/api/queries'
import { CopyButton } from '@/components/CopyButton'
import { ExportLinks, ReportLink } from '@/components/ExportLinks'
import { ResultView } from '@/features/results/ResultView'
import { TaskStatusCard } from '@/features/tasks/TaskStatusCard'
import { useLiveTask } from '@/features/tasks/useLiveTasks'
import { useRunAgain } from '@/features/tasks/useRunAgain'
import { useTaskActions } from '@/features/tasks/useTaskActions'
import { isChoice, type ResultSearch } from '@/searchParams'
import { useAskAnew } from './useAskAnew'

const route = getRouteApi('/results/$taskId')

function RunAgain({ taskId }: { taskId: string }) {
  const { t } = useTranslation()
  const navigate = route.useNavigate()
  const again = useRunAgain((taskId) => void navigate({ params: { taskId }, search: {} }))
  return (
    <Button
      size="small"
      icon={<RedoOutlined />}
      loading={again.isPending}
      title={t('result.runAgainHint')}
      onClick={() => again.mutate(taskId)}
    >
      {t('result.runAgain')}
    </Button>
  )
}

function LiveCard({ taskId }: { taskId: string }) {
  const { cancel } = useTaskActions()
  const task = useLiveTask(taskId)
  if (task === undefined) return null
  return (
    <TaskStatusCard
      task={task}
      onCancel={() => cancel.mutate(taskId)}
      cancelling={cancel.isPending}
    />
  )
}

/** One task's result under its own address. */
export function ResultPage() {
  const { t } = useTranslation()
  const { taskId } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const task = useQuery(taskQuery(taskId))
  const askAnew = useAskAnew()
  const change = (change: Partial<ResultSearch>) =>
    void navigate({
      search: (now) => ({ ...now, ...change }),
      replace: !isChoice(search, change),
      resetScroll: false,
    })
  return (
    <div className="page page-wide stack">
      <title>{`${t('result.title')} · Tier6`}</title>
      <Flex align="center" justify="space-between">
        <nav className="crumbs">
          <Link to="/">{t('app.analysis')}</Link> <span aria-hidden="true">/</span>{' '}
          <span>{t('result.title')}</span>
        </nav>
        {task.data !== undefined && <RunAgain taskId={taskId} />}
      </Flex>
      <h1 className="visually-hidden">{t('result.title')}</h1>
      <LiveCard taskId={taskId} />
      <ResultView
        key={taskId}
        taskId={taskId}
        search={search}
        onSearch={change}
        onAsk={(request, name) => void askAnew(request, name)}
        tools={
          <>
            <ExportLinks table="results" filter={{ task_id: taskId }} />
            <ReportLink taskId={taskId} />
            <CopyButton text={() => window.location.href} icon={<LinkOutlined />}>
              {t('result.copyLink')}
            </CopyButton>
          </>
        }
      />
    </div>
  )
}
