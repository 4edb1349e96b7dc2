import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/http'
import { experimentQuery } from '@/api/queries'
import type { ExperimentDetail } from '@/api/types'
import { TaskHistoryTable } from '@/components/ConfigPanel/DeploymentAnalysis/components/TaskHistoryTable'
import { LoadFailed, Notice, PageLoading } from '@/components/PageStates'
import { ExperimentFacts } from '@/features/experiments/ExperimentFacts'
import { useTaskActions } from '@/hooks/useTaskActions'

const route = getRouteApi('/experiments/$id')

function ExperimentTasks(props: {
  experiment: ExperimentDetail
  loading: boolean
  refetch: () => void
}) {
  const { experiment, loading, refetch } = props
  const { status } = route.useSearch()
  const setSearch = route.useNavigate()
  const navigate = useNavigate()
  const { remove } = useTaskActions()
  const tasks =
    status === undefined
      ? experiment.tasks
      : experiment.tasks.filter((task) => task.status === status)
  return (
    <TaskHistoryTable
      tasks={tasks}
      loading={loading}
      status={status}
      onStatusChange={(chosen) => void setSearch({ search: { status: chosen }, replace: true })}
      onRefresh={refetch}
      onViewResult={(taskId) => void navigate({ to: '/results/$taskId', params: { taskId } })}
      onDelete={(taskId) => remove.mutate(taskId)}
    />
  )
}

export function ExperimentPage() {
  const { t } = useTranslation()
  const id = Number(route.useParams().id)
  const { data, error, isFetching, refetch } = useQuery(experimentQuery(id))
  const back = <Link to="/experiments">{t('experiment.back')}</Link>
  if (data === undefined && error === null) return <PageLoading />
  if (data === undefined) {
    const isMissing = error instanceof ApiError && (error.status === 404 || error.status === 422)
    if (isMissing) return <Notice title={t('experiment.notFound')} actions={back} />
    return error && <LoadFailed error={error} onRetry={() => void refetch()} />
  }
  return (
    <div className="page">
      <title>{`${data.name} · Tier6`}</title>
      <nav className="crumbs">
        {back} <span aria-hidden="true">/</span> <span>{data.name}</span>
      </nav>
      <header className="page-header">
        <h1>{data.name}</h1>
        {data.description != null && data.description !== '' && <p>{data.description}</p>}
      </header>
      <ExperimentFacts experiment={data} />
      <ExperimentTasks experiment={data} loading={isFetching} refetch={() => void refetch()} />
    </div>
  )
}
