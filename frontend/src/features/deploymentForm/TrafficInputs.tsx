import { Form, InputNumber, Segmented } from 'antd'
import { useTranslation } from 'react-i18next'
import { type TrafficValue, trafficKinds } from './formValues'
import { useFormValue } from './useFormValue'

function OpenLoopFields() {
  const { t } = useTranslation()
  return (
    <div className="row row-2">
      <Form.Item
        name={['traffic', 'request_rate']}
        label={t('form.requestRate')}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <InputNumber min={0} controls={false} suffix={t('form.perSecond')} />
      </Form.Item>
      <Form.Item
        name={['traffic', 'requests']}
        label={t('form.requests')}
        rules={[{ type: 'integer', min: 1, message: t('form.positiveInteger') }]}
      >
        <InputNumber min={1} precision={0} controls={false} placeholder={t('form.byDefault')} />
      </Form.Item>
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
