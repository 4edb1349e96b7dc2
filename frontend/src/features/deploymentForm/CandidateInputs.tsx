import { useQuery } from '@tanstack/react-query'
import { Form, Input } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { countQuery } from '@/api/preview'
import { useDebounced } from '@/hooks/useDebounced'
import { useFormats } from '@/i18n/useFormats'
import { type FormValues, isHypothetical, type MovedFigure, movedFigures } from './formValues'
import { NumberField } from './NumberField'
import { countRequest } from './preview'
import { useFormValue } from './useFormValue'
import { useWhyNot } from './useWhyNot'

const examples: Readonly<Record<MovedFigure, string>> = {
  memory_bandwidth: '1..4 step 0.5',
  peak_flops: '1, 2 PFLOP/s',
  link_bandwidth: '450, 900 GB/s',
  memory_capacity: '80, 141, 192 GB',
  price: '2..6 USD/h step 0.5',
}

const settleMs = 350

/** How many chips what was typed makes, and how long all of them take; or what is wrong with it. */
function Counted() {
  const { t } = useTranslation()
  const { integer, duration } = useFormats()
  const form = Form.useFormInstance<FormValues>()
  const values = Form.useWatch<FormValues | undefined>([], { form, preserve: true })
  const settled = useDebounced(values, settleMs)
  const [client] = useState(() => `chips-${Math.random().toString(36).slice(2)}`)
  const request = useMemo(() => settled && countRequest(settled), [settled])
  const whyNot = useWhyNot()
  const { data, error } = useQuery(countQuery(request, client))
  if (error !== null) return <p className="hint">{whyNot(error)}</p>
  if (data?.candidates == null) return null
  return (
    <p className="hint">
      {t('explore.counted', {
        chips: integer(data.candidates),
        evaluations: integer(data.evaluations),
        time: duration(Math.max(1000, 1000 * data.seconds)),
      })}
    </p>
  )
}

/** Figures of the chip that take many values: the best plan is searched on every combination. */
export function CandidateInputs() {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const candidates = useFormValue('candidates')
  const carried = useFormValue('carried')
  const simulated = (useFormValue('traffic')?.arrivals ?? 'off') !== 'off'
  // What was typed is submitted, so it stays in sight.
  const isFilled =
    candidates !== undefined && isHypothetical({ candidates, carried: carried ?? {} })
  return (
    <details
      className="group"
      open={open || isFilled}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{t('explore.title')}</summary>
      <p className="hint">{t('explore.ask')}</p>
      {isFilled && simulated && <p className="hint">{t('explore.notSimulated')}</p>}
      <div aria-live="polite">{isFilled && <Counted />}</div>
      {movedFigures.map((figure) => (
        <div key={figure} className="row row-moved">
          <Form.Item name={['candidates', 'grid', figure]} label={t(`explore.figure_${figure}`)}>
            <Input placeholder={examples[figure]} spellCheck={false} autoComplete="off" />
          </Form.Item>
          {figure !== 'price' && (
            <NumberField
              name={['candidates', 'price_shares', figure]}
              label={
                <>
                  {t('explore.share')}
                  <span className="visually-hidden"> ({t(`explore.figure_${figure}`)})</span>
                </>
              }
              tooltip={t('explore.shareHint')}
              bounds={{ min: 0, max: 1 }}
              message={t('explore.shareBounds')}
              placeholder="0"
            />
          )}
        </div>
      ))}
    </details>
  )
}
