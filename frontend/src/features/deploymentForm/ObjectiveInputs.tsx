import { Form, InputNumber, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { objectiveValues, searchConstraintsLimit_percentileAnyOf0Values } from '@/api/schema.gen'
import type { Objective } from '@/api/types'
import { useFormValue } from './useFormValue'

const mostObjectives = 4

/** The rate that has to be served, and whose latency the limits are for. */
export function DemandFields() {
  const { t } = useTranslation()
  const simulated = useFormValue('traffic')?.arrivals !== 'off'
  return (
    <div className="row row-2">
      <Form.Item name={['search_constraints', 'min_request_rate']} label={t('ask.minRequestRate')}>
        <InputNumber
          min={0}
          controls={false}
          suffix={t('form.perSecond')}
          placeholder={t('form.noLimit')}
        />
      </Form.Item>
      <Form.Item
        name={['search_constraints', 'limit_percentile']}
        label={t('ask.percentile')}
        tooltip={t('ask.percentileHint')}
      >
        <Select
          allowClear
          disabled={!simulated}
          placeholder={t('ask.percentileMean')}
          options={searchConstraintsLimit_percentileAnyOf0Values.map((value) => ({
            value,
            label: value?.toUpperCase(),
          }))}
        />
      </Form.Item>
    </div>
  )
}

/** What makes one plan better than another, and between what the trade-offs are shown. */
export function ObjectiveFields() {
  const { t } = useTranslation()
  const options = objectiveValues.map((value) => ({ value, label: t(`form.objective_${value}`) }))
  const check = (_rule: unknown, chosen: readonly Objective[] = []) =>
    chosen.length === 1 ? Promise.reject(new Error(t('ask.paretoOne'))) : Promise.resolve()
  return (
    <>
      <Form.Item name={['search_constraints', 'objective']} label={t('form.objective')}>
        <Select options={options} />
      </Form.Item>
      <Form.Item
        name={['search_constraints', 'pareto']}
        label={t('ask.pareto')}
        tooltip={t('ask.paretoHint')}
        rules={[{ validator: check }]}
        validateTrigger="onBlur"
      >
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: 'label' }}
          allowClear
          maxCount={mostObjectives}
          placeholder={t('ask.paretoNone')}
          options={options}
        />
      </Form.Item>
    </>
  )
}
