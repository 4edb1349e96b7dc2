import { useQuery } from '@tanstack/react-query'
import { Form, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { workloadsQuery } from '@/api/catalogue'
import { dtypeValues } from '@/api/schema.gen'
import type { Inference } from '@/api/types'
import { engineNames, engines } from '@/engines'
import { usePresetTitle } from '@/i18n/usePresetTitle'
import { matchingWorkload } from './formValues'
import { MediaInputs } from './MediaInputs'
import { NumberField } from './NumberField'
import { useFormValue } from './useFormValue'

const ownFigures = ''

export function CountField(props: { name: keyof Inference; label: string; unit: string }) {
  const { t } = useTranslation()
  return (
    <NumberField
      name={['inference', props.name]}
      label={props.label}
      unit={props.unit}
      bounds={{ min: 1, integer: true, required: true }}
      message={t('form.positiveInteger')}
    />
  )
}

function WorkloadPicker() {
  const { t } = useTranslation()
  const form = Form.useFormInstance()
  const presetTitle = usePresetTitle()
  const { data: workloads = [] } = useQuery(workloadsQuery)
  const inference = useFormValue('inference')
  const choose = (name: string) => {
    const workload = workloads.find((candidate) => candidate.name === name)
    if (workload === undefined) return
    const { batch_size, input_seq_length, output_seq_length } = workload
    const figures = { batch_size, input_seq_length, output_seq_length }
    form.setFieldValue('inference', { ...inference, ...figures })
    void form.validateFields([['inference', 'batch_size']])
  }
  return (
    <Form.Item label={t('form.workload')} htmlFor="workload">
      <Select
        id="workload"
        value={matchingWorkload(inference, workloads) ?? ownFigures}
        onChange={choose}
        options={[
          ...workloads.map((preset) => ({ value: preset.name, label: presetTitle(preset) })),
          { value: ownFigures, label: t('form.ownWorkload') },
        ]}
      />
    </Form.Item>
  )
}

interface DtypeFieldProps {
  name: keyof Inference
  label: string
  /** What is taken when nothing is chosen. */
  otherwise: string
  values?: readonly string[]
}

const cacheFormats: readonly NonNullable<Inference['kv_cache_dtype']>[] = [
  'bf16',
  'fp8',
  'fp8_block',
  'int8',
  'int4',
  'nvfp4',
  'mxfp4',
]

function DtypeField(props: DtypeFieldProps) {
  return (
    <Form.Item name={['inference', props.name]} label={props.label}>
      <Select
        allowClear
        placeholder={props.otherwise}
        options={(props.values ?? dtypeValues).map((value) => ({ value, label: value }))}
      />
    </Form.Item>
  )
}

function EngineField() {
  const { t } = useTranslation()
  return (
    <Form.Item
      name={['inference', 'engine']}
      label={t('form.engine')}
      tooltip={t('form.engineHint')}
    >
      <Select
        allowClear
        placeholder={t('form.engineNotSaid')}
        options={engines.map((value) => ({ value, label: engineNames[value] }))}
      />
    </Form.Item>
  )
}

/** How long requests are. */
export function LengthFields() {
  const { t } = useTranslation()
  return (
    <>
      <WorkloadPicker />
      <div className="row row-2">
        <CountField name="input_seq_length" label={t('form.inputLength')} unit={t('form.tokens')} />
        <CountField
          name="output_seq_length"
          label={t('form.outputLength')}
          unit={t('form.tokens')}
        />
      </div>
      <MediaInputs />
    </>
  )
}

/** What serves the model, in which number formats. */
export function EngineFields() {
  const { t } = useTranslation()
  return (
    <>
      <EngineField />
      <div className="row">
        <DtypeField
          name="weight_dtype"
          label={t('form.weightDtype')}
          otherwise={t('form.asModel')}
        />
        <DtypeField
          name="activation_dtype"
          label={t('form.activationDtype')}
          otherwise={t('form.asModel')}
        />
        <DtypeField
          name="kv_cache_dtype"
          label={t('form.kvCacheDtype')}
          otherwise={t('form.asModel')}
          values={cacheFormats}
        />
      </div>
    </>
  )
}
