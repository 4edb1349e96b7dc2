import { Form, Input, Segmented } from 'antd'
import { useTranslation } from 'react-i18next'
import { type BatchesValue, batchKinds, concurrencies } from './formValues'
import { CountField } from './LoadInputs'
import { useFormValue } from './useFormValue'

function ConcurrencyList() {
  const { t } = useTranslation()
  const check = (_rule: unknown, text: string) =>
    concurrencies(text) === null
      ? Promise.reject(new Error(t('ask.batchListWrong')))
      : Promise.resolve()
  return (
    <Form.Item
      name={['batches', 'list']}
      label={t('ask.batchList')}
      rules={[{ validator: check }]}
      validateTrigger="onBlur"
    >
      <Input placeholder="64, 128, 256, 512" />
    </Form.Item>
  )
}

/** At how many requests in flight plans are tried: the one above, a ladder, or a list. */
export function ConcurrencyInputs() {
  const { t } = useTranslation()
  const kind = useFormValue('batches')?.kind
  return (
    <>
      <Form.Item name={['batches', 'kind']} label={t('ask.batches')}>
        <Segmented<BatchesValue['kind']>
          block
          name="batches"
          options={batchKinds.map((value) => ({ value, label: t(`ask.batches_${value}`) }))}
        />
      </Form.Item>
      {kind === 'one' && <CountField name="batch_size" label={t('form.batchSize')} unit="" />}
      {kind === 'list' && <ConcurrencyList />}
      {kind !== undefined && <p className="hint">{t(`ask.batchesHint_${kind}`)}</p>}
    </>
  )
}
