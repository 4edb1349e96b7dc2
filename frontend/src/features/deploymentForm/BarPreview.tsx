import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { previewQuery } from '@/api/preview'
import type { Plan, PreviewResult } from '@/api/types'
import { useDebounced } from '@/hooks/useDebounced'
import { useFormats } from '@/i18n/useFormats'
import { type FormValues, isHypothetical } from './formValues'
import { previewedAt, previewRequest, secondsOfSearch } from './preview'
import { useWhyNot } from './useWhyNot'

const settleMs = 350

type PlanName = (plan: Pick<Plan, 'parallelism' | 'pools'>) => string

function Band({ low, high }: { low: number | null | undefined; high: number | null | undefined }) {
  const { range } = useFormats()
  return low == null || high == null ? null : <span className="band">{range(low, high)}</span>
}

function Best({ plan, planName }: { plan: Plan; planName: PlanName }) {
  const { t } = useTranslation()
  const { integer, ms, rate } = useFormats()
  return (
    <>
      <div>
        <dt>{t('question.best')}</dt>
        <dd>
          {planName(plan)}{' '}
          <span className="band">
            {t('form.chipsDetail', { chips: integer(plan.chips) })}
            {plan.batch_size != null && ` · ${t('form.batchSize')} ${integer(plan.batch_size)}`}
          </span>
        </dd>
      </div>
      <div>
        <dt>{t('result.throughput')}</dt>
        <dd>
          {rate(plan.throughput)} <Band low={plan.throughput_low} high={plan.throughput_high} />
        </dd>
      </div>
      <div>
        <dt>{t('result.ttft')}</dt>
        <dd>
          {ms(plan.ttft)} <Band low={plan.ttft_low} high={plan.ttft_high} />
        </dd>
      </div>
      <div>
        <dt>{t('result.tpot')}</dt>
        <dd>
          {ms(plan.tpot)} <Band low={plan.tpot_low} high={plan.tpot_high} />
        </dd>
      </div>
    </>
  )
}

function Found(props: { result: PreviewResult; values: FormValues; planName: PlanName }) {
  const { result, values, planName } = props
  const { t } = useTranslation()
  const { integer, duration } = useFormats()
  const best = result.top_k_plans[0]
  // One plan search is previewed, not one at every point.
  const isOne = !isHypothetical(values) && values.sweep.first + values.sweep.second === ''
  const seconds = isOne ? secondsOfSearch(result, values) : undefined
  return (
    <dl className="stats">
      {best === undefined ? (
        <div>
          <dt>{t('question.best')}</dt>
          <dd className="unsure">{t('result.noFeasible')}</dd>
        </div>
      ) : (
        <Best plan={best} planName={planName} />
      )}
      <div>
        <dt>{t('question.plans')}</dt>
        <dd>{integer(result.search_stats.total_plans)}</dd>
      </div>
      {seconds !== undefined && (
        <div>
          <dt>{t('question.time')}</dt>
          <dd>{duration(Math.max(1000, 1000 * seconds))}</dd>
        </div>
      )}
    </dl>
  )
}

/** The best plan of the question as it stands, without running it. */
export function BarPreview({ values, planName }: { values: FormValues; planName: PlanName }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const settled = useDebounced(values, settleMs)
  const [client] = useState(() => `bar-${Math.random().toString(36).slice(2)}`)
  const request = useMemo(() => previewRequest(settled), [settled])
  const whyNot = useWhyNot()
  const { data, error, isFetching } = useQuery(previewQuery(request, client))
  const at = previewedAt(settled)
  const reason = error === null ? undefined : whyNot(error)
  if (error !== null && reason === undefined) return null
  return (
    <div className="bar-preview" aria-busy={isFetching} aria-live="polite">
      <h2>
        {t('question.preview')}
        {isHypothetical(settled) && <span className="muted"> {t('explore.previewOfBase')}</span>}
        {at !== undefined && (
          <span className="muted">
            {' '}
            {t('question.previewAt', { list: at.map(integer).join(', ') })}
          </span>
        )}
      </h2>
      {error !== null && <p className="muted">{reason}</p>}
      {error === null && data !== undefined && (
        <Found result={data} values={settled} planName={planName} />
      )}
    </div>
  )
}
