import { Form, Segmented, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import {
  objectiveValues,
  riskValues,
  searchConstraintsLimit_percentileAnyOf0Values,
} from '@/api/schema.gen'
import type { Objective, Risk } from '@/api/types'
import { percentilesApply } from './formValues'
import { NumberField } from './NumberField'
import { useFormValue } from './useFormValue'

const mostObjectives = 4

/** The rate that has to be served, and whose latency the limits are for. */
export function DemandFields() {
  const { t } = useTranslation()
  const possible = percentilesApply(useFormValue('traffic'), useFormValue('search_constraints'))
  return (
    <div className="row row-2">
      <NumberField
        name={['search_constraints', 'min_request_rate']}
        label={t('ask.minRequestRate')}
        unit={t('form.perSecond')}
        bounds={{ min: 0 }}
        message={t('form.notNegative')}
        placeholder={t('form.noLimit')}
      />
      <Form.Item
        name={['search_constraints', 'limit_percentile']}
        label={t('ask.percentile')}
        tooltip={t('ask.percentileHint')}
      >
        <Select
          allowClear
          disabled={!possible}
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

/** Whether plans are judged by what is expected of them, or by what holds with 80 %. */
function RiskField() {
  const { t } = useTranslation()
  const risk = useFormValue('search_constraints')?.risk
  return (
    <>
      <Form.Item name={['search_constraints', 'risk']} label={t('choice.risk')}>
        <Segmented<Risk>
          block
          name="risk"
          aria-label={t('choice.risk')}
          options={riskValues.map((value) => ({ value, label: t(`choice.risk_${value}`) }))}
        />
      </Form.Item>
      {risk !== undefined && <p className="hint">{t(`choice.riskHint_${risk}`)}</p>}
    </>
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
      <RiskField />
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
