import { useQuery } from '@tanstack/react-query'
import { type LazyExoticComponent, lazy, type ReactNode, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { type ExplainRequest, type Explanation, explainQuery } from '@/api/explain'
import { PageLoading } from '@/components/PageStates'

const views = {
  roofline: lazy(async () => ({ default: (await import('./RooflineOfPlan')).RooflineOfPlan })),
  traffic: lazy(async () => ({ default: (await import('./TrafficOfPlan')).TrafficOfPlan })),
  placement: lazy(async () => ({ default: (await import('./PlacementOfPlan')).PlacementOfPlan })),
  timeline: lazy(async () => ({ default: (await import('./TimelineOfPlan')).TimelineOfPlan })),
} as const satisfies Record<
  string,
  LazyExoticComponent<(props: { explanation: Explanation }) => ReactNode>
>

interface ExplainedProps {
  request: ExplainRequest
  view: keyof typeof views
}

/** A view of a plan that needs its explanation: asked for when it is opened. */
export function Explained({ request, view }: ExplainedProps) {
  const { t } = useTranslation()
  const { data, error } = useQuery(explainQuery(request))
  const View = views[view]
  if (error !== null) return <p>{t('workspace.notExplained', { reason: error.message })}</p>
  if (data === undefined) return <PageLoading />
  return (
    <Suspense fallback={<PageLoading />}>
      <View explanation={data} />
    </Suspense>
  )
}
