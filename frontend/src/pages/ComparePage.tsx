import { LinkOutlined } from '@ant-design/icons'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Flex } from 'antd'
import { useTranslation } from 'react-i18next'
import { comparisonQuery } from '@/api/queries'
import { CopyButton } from '@/components/CopyButton'
import { LoadFailed, Notice, PageLoading } from '@/components/PageStates'
import { ComparisonView } from '@/features/compare/ComparisonView'
import { planId } from '@/searchParams'

const route = getRouteApi('/compare')

/** What cannot be compared is said; without the plan that is gone the others can. */
function Compared() {
  const { t } = useTranslation()
  const { plans, base } = route.useSearch()
  const navigate = route.useNavigate()
  const wanted = plans.flatMap((text) => planId(text) ?? [])
  const { data, error, refetch } = useQuery({
    ...comparisonQuery(wanted),
    placeholderData: keepPreviousData,
  })
  const without = (index: number) =>
    void navigate({
      search: (now) => ({ ...now, plans: plans.filter((_, place) => place !== index) }),
      resetScroll: false,
    })
  if (data !== undefined && data.results.length === plans.length) {
    return (
      <ComparisonView
        comparison={data}
        base={Math.max(0, base === undefined ? 0 : plans.indexOf(base))}
        onBase={(index) =>
          void navigate({
            search: (now) => ({ ...now, base: plans[index] }),
            replace: true,
            resetScroll: false,
          })
        }
        onRemove={without}
      />
    )
  }
  if (error === null) return <PageLoading />
  return (
    <>
      <LoadFailed error={error} onRetry={() => void refetch()} />
      <Flex wrap gap={8} justify="center">
        {plans.map((plan, index) => (
          <Button key={plan} size="small" onClick={() => without(index)}>
            {t('compare.without', { plan })}
          </Button>
        ))}
      </Flex>
    </>
  )
}

/** The plans in the address beside each other. */
export function ComparePage() {
  const { t } = useTranslation()
  const { plans } = route.useSearch()
  return (
    <div className="page page-wide stack">
      <title>{`${t('compare.title')} · Tier6`}</title>
      <Flex align="center" justify="space-between">
        <nav className="crumbs">
          <Link to="/">{t('app.analysis')}</Link> <span aria-hidden="true">/</span>{' '}
          <span>{t('compare.title')}</span>
        </nav>
        <CopyButton text={() => window.location.href} icon={<LinkOutlined />}>
          {t('result.copyLink')}
        </CopyButton>
      </Flex>
      <header className="page-header">
        <h1>{t('compare.title')}</h1>
        <p>{t('compare.hint')}</p>
      </header>
      {plans.length < 2 ? (
        <Notice title={t('compare.tooFew')}>{t('compare.tooFewHint')}</Notice>
      ) : (
        <Compared />
      )}
    </div>
  )
}
