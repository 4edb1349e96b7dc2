import { getRouteApi } from '@tanstack/react-router'
import { Flex } from 'antd'
import { useTranslation } from 'react-i18next'
import { ExportLinks } from '@/components/ExportLinks'
import { ExperimentList } from '@/features/experiments/ExperimentList'

const route = getRouteApi('/experiments')

export function ExperimentsPage() {
  const { t } = useTranslation()
  const { name } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <div className="page stack">
      <title>{`${t('experiment.title')} · Tier6`}</title>
      <header className="page-header">
        <h1>{t('experiment.title')}</h1>
        <p>{t('experiment.hint')}</p>
        <Flex component="p" wrap gap="4px 20px">
          <ExportLinks table="experiments" filter={name === undefined ? {} : { text: name }} />
        </Flex>
      </header>
      <ExperimentList
        name={name ?? ''}
        onName={(text) => void navigate({ search: { name: text || undefined }, replace: true })}
      />
    </div>
  )
}
