import { useTranslation } from 'react-i18next'
import type { TaskResults } from '@/api/types'
import { compactPlan } from '@/compactPlan'
import { useFormats } from '@/i18n/useFormats'

type Change = TaskResults['ways_out'][number]

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
  return ({ kind, field, before, after, parallelism, batch_size }) =>
    t(`workspace.way_${field.endsWith('min_request_rate') ? 'rate' : kind}`, {
      before: told(before),
      after: told(after),
      name: limitName(field),
      concurrent: told(batch_size),
      plan: parallelism === null ? '' : compactPlan(parallelism),
    })
}

interface WaysOutProps {
  ways: readonly Change[]
  /** Whether a percentile was asked for, which changes are not judged by. */
  inTheMean: boolean
}

/** Where nothing fits: what does, each single change of the nearest plan evaluated. */
export function WaysOut({ ways, inTheMean }: WaysOutProps) {
  const { t } = useTranslation()
  const { figure } = useFormats()
  const way = useWay()
  if (ways.length === 0) return null
  return (
    <section aria-label={t('workspace.waysOut')}>
      <h3>{t('workspace.waysOut')}</h3>
      {inTheMean && <p className="hint">{t('workspace.waysInTheMean')}</p>}
      <ul>
        {ways.map((change) => (
          <li key={`${change.kind} ${change.field}`}>
            {way(change)}
            {change.calibration_of != null &&
              t('workspace.wayCalibration', { format: change.calibration_of })}
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
