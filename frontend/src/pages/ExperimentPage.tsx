import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Flex } from 'antd'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/client'
import { experimentArchiveAddress } from '@/api/exports'
import { experimentQuery } from '@/api/queries'
import { ExportLinks, FileLink } from '@/components/ExportLinks'
import { LoadFailed, Notice, PageLoading } from '@/components/PageStates'
import { ExperimentFacts } from '@/features/experiments/ExperimentFacts'
import { ExperimentHeading } from '@/features/experiments/ExperimentHeading'
import { TaskHistory } from '@/features/tasks/TaskHistory'

const route = getRouteApi('/experiments/$id')

function ExperimentTasks({ id }: { id: number }) {
  const search = route.useSearch()
  const setSearch = route.useNavigate()
  const navigate = useNavigate()
  return (
    <TaskHistory
      experimentId={id}
      search={search}
      onSearch={(change) =>
        void setSearch({ search: (now) => ({ ...now, ...change }), replace: true })
      }
      onViewResult={(taskId) => void navigate({ to: '/results/$taskId', params: { taskId } })}
    />
  )
}

function ExperimentExports({ id, name }: { id: number; name: string }) {
  const { t } = useTranslation()
  return (
    <Flex component="p" wrap gap="4px 20px">
      <ExportLinks table="results" filter={{ experiment_id: id }} />
      <span title={t('exports.archiveHint')}>
        <FileLink
          address={experimentArchiveAddress(id)}
          name={`${name}.json`}
          label={`${t('exports.archive')}. ${t('exports.archiveHint')}`}
        >
          {t('exports.archive')}
        </FileLink>
      </span>
    </Flex>
  )
}

export function ExperimentPage() {
  const { t } = useTranslation()
  const id = Number(route.useParams().id)
  const navigate = useNavigate()
  const { data, error, refetch } = useQuery(experimentQuery(id))
  const back = <Link to="/experiments">{t('experiment.back')}</Link>
  if (data === undefined && error === null) return <PageLoading />
  if (data === undefined) {
    const isMissing = error instanceof ApiError && (error.status === 404 || error.status === 422)
    if (isMissing) return <Notice title={t('experiment.notFound')} actions={back} />
    return error && <LoadFailed error={error} onRetry={() => void refetch()} />
  }
  return (
    <div className="page stack">
      <title>{`${data.name} · Tier6`}</title>
      <nav className="crumbs">
        {back} <span aria-hidden="true">/</span> <span>{data.name}</span>
      </nav>
      <ExperimentHeading experiment={data} onLeave={() => void navigate({ to: '/experiments' })} />
      <ExperimentFacts experiment={data} />
      <ExperimentExports id={id} name={data.name} />
      <ExperimentTasks id={id} />
    </div>
  )
}
