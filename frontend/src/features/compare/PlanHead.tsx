import { CloseOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import type { ComparedResult } from '@/api/types'
import { planTitle } from '@/compactPlan'
import { useFormats } from '@/i18n/useFormats'
import { planVariable } from './planColor'

/** "8 × h200-sxm", with the decode pool's chip where it is another. */
function chipsText({ chips, chip_name, decode_chip_name, pools }: ComparedResult): string {
  if (decode_chip_name === null || pools === null) return `${chips} × ${chip_name}`
  return `${pools.prefill.chips} × ${chip_name} + ${pools.decode.chips} × ${decode_chip_name}`
}

/** "1,024 in → 256 out · 32 at once". */
function useLoadText(result: ComparedResult): string {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const { input_seq_length: input, output_seq_length: output, batch_size } = result
  return [
    ...(input === null || output === null
      ? []
      : [t('question.lengths', { input: integer(input), output: integer(output) })]),
    ...(batch_size === null ? [] : [t('compare.atOnce', { requests: integer(batch_size) })]),
  ].join(' · ')
}

interface PlanHeadProps {
  result: ComparedResult
  index: number
  isBase: boolean
  onBase: () => void
  onRemove: (() => void) | undefined
}

/** A plan as the head of its column: what it is, on what, under which load. */
export function PlanHead({ result, index, isBase, onBase, onRemove }: PlanHeadProps) {
  const { t } = useTranslation()
  const { task_id: taskId, rank, experiment_name, dominated_by } = result
  const title = planTitle(result)
  const load = useLoadText(result)
  return (
    <div className={isBase ? 'plan-head base-column' : 'plan-head'}>
      <span className="muted">
        <i style={{ background: planVariable(index) }} aria-hidden="true" /> {index + 1}{' '}
        {isBase ? (
          <strong>{t('compare.baseline')}</strong>
        ) : (
          <Button
            size="small"
            type="link"
            aria-label={t('compare.makeBaselineNamed', { column: index + 1, plan: title })}
            onClick={onBase}
          >
            {t('compare.makeBaseline')}
          </Button>
        )}
        {onRemove !== undefined && (
          <Button
            size="small"
            type="text"
            icon={<CloseOutlined />}
            aria-label={t('compare.without', { plan: title })}
            title={t('compare.withoutShort')}
            onClick={onRemove}
          />
        )}
      </span>
      <Link to="/results/$taskId" params={{ taskId }} search={{ plan: rank }}>
        {title}
        {result.replicas > 1 && ` ×${result.replicas}`}
      </Link>
      <span>{result.model_name}</span>
      <span>{chipsText(result)}</span>
      <span className="muted">{load}</span>
      <span className="muted named" title={experiment_name}>
        {experiment_name} · {t('compare.rank', { rank })}
      </span>
      {dominated_by.length > 0 && (
        <span className="muted" title={t('compare.dominatedHint')}>
          {t('compare.dominated', { columns: dominated_by.map((place) => place + 1).join(', ') })}
        </span>
      )}
    </div>
  )
}
