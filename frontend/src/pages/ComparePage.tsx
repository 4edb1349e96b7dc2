import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { comparisonQuery } from '@/api/queries'
import { LoadFailed, Notice, PageLoading } from '@/components/PageStates'
import { ComparisonView } from '@/features/compare/ComparisonView'
import { planId } from '@/searchParams'

const route = getRouteApi('/compare')

function Compared({ plans }: { plans: readonly string[] }) {
  const wanted = plans.flatMap((text) => planId(text) ?? [])
  const { data, error, refetch } = useQuery(comparisonQuery(wanted))
  if (data !== undefined) return <ComparisonView comparison={data} />
  if (error !== null) return <LoadFailed error={error} onRetry={() => void refetch()} />
  return <PageLoading />
}

/** The plans in the address beside each other. */
export function ComparePage() {
  const { t } = useTranslation()
  const { plans } = route.useSearch()
  return (
    <div className="page stack">
      <title>{`${t('compare.title')} · Tier6`}</title>
      <nav className="crumbs">
        <Link to="/">{t('app.analysis')}</Link> <span aria-hidden="true">/</span>{' '}
        <span>{t('compare.title')}</span>
      </nav>
      <header className="page-header">
        <h1>{t('compare.title')}</h1>
        <p>{t('compare.hint')}</p>
      </header>
      {plans.length < 2 ? <Notice title={t('compare.tooFew')} /> : <Compared plans={plans} />}
    </div>
  )
}
