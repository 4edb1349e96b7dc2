import { Form, Segmented } from 'antd'
import { useTranslation } from 'react-i18next'
import { type TrafficValue, trafficKinds } from './formValues'
import { NumberField } from './NumberField'
import { useFormValue } from './useFormValue'

function OpenLoopFields() {
  const { t } = useTranslation()
  return (
    <div className="row row-2">
      <NumberField
        name={['traffic', 'request_rate']}
        label={t('form.requestRate')}
        unit={t('form.perSecond')}
        bounds={{ min: 0, required: true }}
        message={t('form.notNegative')}
      />
      <NumberField
        name={['traffic', 'requests']}
        label={t('form.requests')}
        bounds={{ min: 1, integer: true }}
        message={t('form.positiveInteger')}
        placeholder={t('form.byDefault')}
      />
    </div>
  )
}

/** Whether single requests are simulated, and how they arrive. */
export function TrafficInputs() {
  const { t } = useTranslation()
  const arrivals = useFormValue('traffic')?.arrivals
  const serving = useFormValue('search_constraints')?.serving
  return (
    <fieldset className="group">
      <legend>{t('form.traffic')}</legend>
      <Form.Item name={['traffic', 'arrivals']} label={t('form.arrivals')}>
        <Segmented<TrafficValue['arrivals']>
          block
          name="arrivals"
          options={trafficKinds.map((value) => ({ value, label: t(`form.arrivals_${value}`) }))}
        />
      </Form.Item>
      {arrivals === 'poisson' && <OpenLoopFields />}
      {arrivals !== undefined && (
        <p className="hint">
          {t(`form.arrivalsHint_${arrivals}`)}
          {arrivals !== 'off' && serving !== 'aggregated' && ` ${t('form.poolsNotSimulated')}`}
        </p>
      )}
    </fieldset>
  )
}
