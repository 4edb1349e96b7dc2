import { useTranslation } from 'react-i18next'
import { Overview } from '@/features/tasks/Overview'

export function OverviewPage() {
  const { t } = useTranslation()
  return (
    <div className="page page-wide stack">
      <title>{`${t('overview.title')} · Tier6`}</title>
      <header className="page-header">
        <h1>{t('overview.title')}</h1>
        <p>{t('overview.hint')}</p>
      </header>
      <Overview />
    </div>
  )
}
