import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ExportLinks } from '@/components/ExportLinks'
import { ExperimentList } from '@/features/experiments/ExperimentList'

const route = getRouteApi('/experiments')

export function ExperimentsPage() {
  const { t } = useTranslation()
  const { name } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <div className="page">
      <title>{`${t('experiment.title')} · Tier6`}</title>
      <header className="page-header">
        <h1>{t('experiment.title')}</h1>
        <p>{t('experiment.hint')}</p>
        <p className="export-row">
          <ExportLinks table="experiments" filter={name === undefined ? {} : { text: name }} />
        </p>
      </header>
      <ExperimentList
        name={name ?? ''}
        onName={(text) => void navigate({ search: { name: text || undefined }, replace: true })}
      />
    </div>
  )
}
