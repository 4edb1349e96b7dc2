import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { type ExplainRequest, type Explanation, explainQuery } from '@/api/explain'
import { compactPlan } from '@/compactPlan'
import { useFormats } from '@/i18n/useFormats'

type Change = Explanation['changes'][number]

/** "TTFT": the limit that a path in a request is of. */
function limitName(field: string): string {
  const [, metric] = /max_(ttft|tpot|e2e)/.exec(field) ?? []
  return metric?.toUpperCase() ?? field
}

function useWay(): (change: Change) => string {
  const { t } = useTranslation()
  const { figure } = useFormats()
  const told = (value: string | number | null) =>
    typeof value === 'number' ? figure(value) : (value ?? '')
  return ({ kind, field, before, after, parallelism }) =>
    t(`workspace.way_${kind}`, {
      before: told(before),
      after: told(after),
      name: limitName(field),
      plan: parallelism === null ? '' : compactPlan(parallelism),
    })
}

/** Where nothing fits: what does, each single change of the nearest plan evaluated. */
export function WaysOut({ request }: { request: ExplainRequest }) {
  const { t } = useTranslation()
  const { figure } = useFormats()
  const way = useWay()
  const { data } = useQuery(explainQuery(request))
  const works = data?.changes.filter((change) => change.works) ?? []
  if (works.length === 0) return null
  return (
    <section aria-label={t('workspace.waysOut')}>
      <h3>{t('workspace.waysOut')}</h3>
      <ul>
        {works.map((change) => (
          <li key={`${change.kind} ${change.field}`}>
            {way(change)}
            {change.throughput !== null && change.ttft !== null && change.tpot !== null && (
              <span className="muted">
                {' '}
                {t('workspace.wayFigures', {
                  throughput: figure(change.throughput),
                  ttft: figure(change.ttft),
                  tpot: figure(change.tpot),
                })}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
