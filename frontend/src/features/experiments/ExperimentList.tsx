import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Input, Skeleton } from 'antd'
import { useTranslation } from 'react-i18next'
import { experimentsQuery } from '@/api/queries'
import type { Experiment } from '@/api/types'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { LoadFailed, Notice } from '@/components/PageStates'
import { useFormats } from '@/i18n/useFormats'
import { experimentsNamed } from './experimentsNamed'
import { ImportExperiment } from './ImportExperiment'
import { PinButton } from './PinButton'
import './experiments.css'

function useColumns(): readonly Column<Experiment>[] {
  const { t } = useTranslation()
  const { integer, dateTime } = useFormats()
  return [
    {
      key: 'pinned',
      title: t('experiments.pinned'),
      render: (experiment) => <PinButton experiment={experiment} />,
    },
    {
      key: 'name',
      title: t('experiment.name'),
      render: ({ id, name }) => (
        <Link to="/experiments/$id" params={{ id: String(id) }}>
          {name}
        </Link>
      ),
    },
    {
      key: 'tags',
      title: t('experiments.tags'),
      render: ({ tags }) =>
        tags.map((tag) => (
          <span key={tag} className="experiment-tag">
            {tag}
          </span>
        )),
    },
    {
      key: 'description',
      title: t('experiment.description'),
      render: ({ description }) => (
        <span className="wrap">{(description ?? '').split('\n')[0]}</span>
      ),
    },
    numeric(
      'tasks',
      t('experiment.tasks'),
      ({ completed_tasks, total_tasks }) => `${integer(completed_tasks)} / ${integer(total_tasks)}`,
    ),
    numeric('created', t('experiment.created'), ({ created_at }) => (
      <time dateTime={created_at}>{dateTime(created_at)}</time>
    )),
    numeric('updated', t('experiment.updated'), ({ updated_at }) => (
      <time dateTime={updated_at}>{dateTime(updated_at)}</time>
    )),
  ]
}

function Experiments(props: { experiments: readonly Experiment[]; name: string }) {
  const { t } = useTranslation()
  const columns = useColumns()
  const shown = experimentsNamed(props.experiments, props.name)
  if (props.experiments.length === 0) {
    return (
      <Notice title={t('experiment.none')} actions={<Link to="/">{t('app.analysis')}</Link>}>
        {t('experiment.noneHint')}
      </Notice>
    )
  }
  if (shown.length === 0) return <p className="empty">{t('experiment.noneMatching')}</p>
  return (
    <DataTable
      caption={t('experiment.title')}
      columns={columns}
      rows={shown}
      rowKey={({ id }) => String(id)}
    />
  )
}

/** All experiments, narrowed by what is typed. */
export function ExperimentList(props: { name: string; onName: (name: string) => void }) {
  const { t } = useTranslation()
  const { data, error, refetch } = useQuery(experimentsQuery)
  if (data === undefined && error !== null) {
    return <LoadFailed error={error} onRetry={() => void refetch()} />
  }
  return (
    <section className="panel">
      <header className="panel-header">
        <Input
          allowClear
          style={{ maxWidth: 320 }}
          aria-label={t('experiment.search')}
          aria-keyshortcuts="/"
          placeholder={t('experiment.search')}
          value={props.name}
          onChange={({ target }) => props.onName(target.value)}
        />
        <div className="panel-tools">
          <ImportExperiment />
        </div>
      </header>
      {data === undefined ? (
        <Skeleton active title={false} paragraph={{ rows: 5 }} />
      ) : (
        <Experiments experiments={data.experiments} name={props.name} />
      )}
    </section>
  )
}
