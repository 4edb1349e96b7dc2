import { useQuery } from '@tanstack/react-query'
import { Form, Segmented } from 'antd'
import { useTranslation } from 'react-i18next'
import { modelsQuery, topologiesQuery } from '@/api/catalogue'
import { servingModeValues } from '@/api/schema.gen'
import type { Parallelism, SearchMode, ServingMode } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'
import { chipsUsed, expertGroup, isCompleteParallelism } from './chipsArithmetic'
import { isMixture } from './facts'
import { degrees } from './formValues'
import { NumberField } from './NumberField'
import { DemandFields } from './ObjectiveInputs'
import { useFormValue } from './useFormValue'

/** Chips of the topology preset chosen; unknown when it is given as JSON. */
function useAvailableChips(): number | undefined {
  const { data } = useQuery(topologiesQuery)
  const topology = useFormValue('topology')
  if (topology?.source !== 'preset') return undefined
  return data?.find(({ name }) => name === topology.preset)?.chips
}

/** Whether the model has experts; unknown when it is given as JSON. */
function useHasExperts(): boolean | undefined {
  const { data } = useQuery(modelsQuery)
  const model = useFormValue('model')
  if (model?.source !== 'preset') return undefined
  const chosen = data?.find(({ name }) => name === model.preset)
  return chosen === undefined ? undefined : isMixture(chosen)
}

function Rule(props: { met: boolean; children: string }) {
  return (
    <p className="number" style={props.met ? {} : { color: 'var(--bad)' }}>
      <span aria-hidden="true">{props.met ? '✓' : '✗'}</span> {props.children}
    </p>
  )
}

function ExpertRule({ plan }: { plan: Parallelism }) {
  const { t } = useTranslation()
  const hasExperts = useHasExperts()
  if (hasExperts === false) {
    return plan.ep === 1 && plan.moe_tp === 1 ? null : (
      <Rule met={false}>{t('form.denseRule')}</Rule>
    )
  }
  const { group, possible, attentionDp } = expertGroup(plan)
  if (attentionDp !== null) {
    return <Rule met>{t('form.expertRuleMet', { group, attention: attentionDp })}</Rule>
  }
  return (
    <>
      <Rule met={false}>
        {t('form.expertRuleBroken', { group, possible: possible.join(', ') })}
      </Rule>
      <p className="hint">{t('form.expertRule')}</p>
    </>
  )
}

function PlanArithmetic() {
  const { t } = useTranslation()
  const plan = useFormValue('manual_parallelism')
  const available = useAvailableChips()
  if (!isCompleteParallelism(plan)) return null
  const used = chipsUsed(plan)
  const fits = available === undefined || used <= available
  const text =
    available === undefined
      ? t('form.chipsUsedOnly', { used })
      : t('form.chipsUsed', { used, available })
  return (
    <>
      <Rule
        met={fits}
      >{`${t('form.chipsFormula')} = ${text}${fits ? '' : ` — ${t('form.tooManyChips')}`}`}</Rule>
      <ExpertRule plan={plan} />
    </>
  )
}

/** What is wrong with the degrees, beneath their row: their own columns are too narrow for it. */
function DegreeErrors() {
  return (
    <Form.Item noStyle shouldUpdate>
      {({ getFieldError }) =>
        degrees.flatMap((degree) =>
          getFieldError(['manual_parallelism', degree]).map((message) => (
            <Rule key={degree + message} met={false}>{`${degree}: ${message}`}</Rule>
          )),
        )
      }
    </Form.Item>
  )
}

function ManualPlan() {
  const { t } = useTranslation()
  return (
    <>
      <div className="row row-7">
        {degrees.map((degree) => (
          <NumberField
            key={degree}
            name={['manual_parallelism', degree]}
            label={<abbr title={t(`form.degree_${degree}`)}>{degree}</abbr>}
            bounds={{ min: 1, integer: true, required: true }}
            message={t('form.positiveInteger')}
            help=""
          />
        ))}
      </div>
      <div className="hint" aria-live="polite">
        <DegreeErrors />
        <PlanArithmetic />
      </div>
    </>
  )
}

/** Whether prefill and decode share their chips. */
function ServingField() {
  const { t } = useTranslation()
  const serving = useFormValue('search_constraints')?.serving
  const manual = useFormValue('search_mode') === 'manual'
  return (
    <>
      <Form.Item name={['search_constraints', 'serving']} label={t('form.serving')}>
        <Segmented<ServingMode>
          block
          name="serving"
          options={servingModeValues.map((value) => ({ value, label: t(`form.serving_${value}`) }))}
        />
      </Form.Item>
      {serving !== undefined && (
        <p className="hint">
          {t(`form.servingHint_${serving}`)}
          {manual && serving !== 'aggregated' && ` ${t('form.servingHint_manual')}`}
        </p>
      )}
    </>
  )
}

interface LatencyFieldProps {
  name: 'max_ttft_ms' | 'max_tpot_ms' | 'max_e2e_latency_ms'
  label: string
}

function LatencyField(props: LatencyFieldProps) {
  const { t } = useTranslation()
  return (
    <NumberField
      name={['search_constraints', props.name]}
      label={props.label}
      unit="ms"
      bounds={{ min: 0 }}
      message={t('form.notNegative')}
      placeholder={t('form.noLimit')}
    />
  )
}

/** At most so many of the chips there are. */
export function MaxChipsField() {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const available = useAvailableChips()
  return (
    <NumberField
      name={['search_constraints', 'max_chips']}
      label={t('form.maxChips')}
      bounds={{ min: 1, integer: true }}
      message={t('form.positiveInteger')}
      placeholder={
        available === undefined
          ? t('form.noLimit')
          : t('form.allChips', { chips: integer(available) })
      }
    />
  )
}

/** What a plan must keep to. */
export function LimitFields() {
  const { t } = useTranslation()
  return (
    <>
      <div className="row">
        <LatencyField name="max_ttft_ms" label={t('form.maxTtft')} />
        <LatencyField name="max_tpot_ms" label={t('form.maxTpot')} />
        <LatencyField name="max_e2e_latency_ms" label={t('form.maxE2e')} />
      </div>
      <DemandFields />
    </>
  )
}

/** Whether prefill and decode share chips, and which plans to try. */
export function PlanFields() {
  const { t } = useTranslation()
  const mode = useFormValue('search_mode')
  return (
    <>
      <ServingField />
      <Form.Item name="search_mode" label={t('form.mode')}>
        <Segmented<SearchMode>
          block
          name="search_mode"
          options={[
            { value: 'auto', label: t('form.auto') },
            { value: 'manual', label: t('form.manual') },
          ]}
        />
      </Form.Item>
      {mode === 'manual' ? <ManualPlan /> : <p className="hint">{t('form.autoHint')}</p>}
    </>
  )
}
