import { useQuery } from '@tanstack/react-query'
import { AutoComplete, Button, Form, Input } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { experimentsQuery } from '@/api/queries'
import { CandidateInputs } from './CandidateInputs'
import { ConcurrencyInputs } from './ConcurrencyInputs'
import { DecodeChipField } from './DecodeChipField'
import { ChipField, ModelField, TopologyField } from './DeploymentInputs'
import { defaultExperimentName } from './formValues'
import { DropPlace } from './JsonFile'
import { EngineFields, LengthFields } from './LoadInputs'
import { NumberField } from './NumberField'
import { ObjectiveFields } from './ObjectiveInputs'
import { PriceField } from './PriceField'
import type { Part } from './parts'
import { QuestionField } from './QuestionField'
import { LimitFields, MaxChipsField, PlanFields } from './SearchInputs'
import { SweepInputs } from './SweepInputs'
import { TrafficInputs } from './TrafficInputs'
import { useFormValue } from './useFormValue'

/** Which model, in which formats, served by what. */
function ModelCard() {
  return (
    <DropPlace section="model">
      <ModelField />
      <EngineFields />
    </DropPlace>
  )
}

/** On which chips, how many, connected how. */
function ChipsCard() {
  const pooled = (useFormValue('search_constraints')?.serving ?? 'aggregated') !== 'aggregated'
  return (
    <>
      <ChipField />
      {pooled && <DecodeChipField />}
      <TopologyField />
      <MaxChipsField />
      <PriceField />
      <CandidateInputs />
    </>
  )
}

/** How long requests are, and how they arrive. */
function LoadCard() {
  return (
    <>
      <LengthFields />
      <TrafficInputs />
    </>
  )
}

/** What has to be kept. */
function LimitsCard() {
  return <LimitFields />
}

/** What is searched for, among which plans. */
function SearchCard() {
  return (
    <>
      <QuestionField />
      <ConcurrencyInputs />
      <ObjectiveFields />
      <PlanFields />
    </>
  )
}

/** Whether a name is worth offering: it has what was typed in it, and more. */
function completes(typed: string, name: string): boolean {
  return name !== typed && name.toLowerCase().includes(typed.toLowerCase())
}

/** What was taken over from a task and has no field of its own. */
function CarriedInputs() {
  const { t } = useTranslation()
  const form = Form.useFormInstance()
  const carried = useFormValue('carried')
  const entries = Object.values(carried ?? {}).flatMap((part) => Object.entries(part ?? {}))
  if (entries.length === 0) return null
  return (
    <fieldset className="group">
      <legend>{t('question.carried')}</legend>
      <p className="hint">{t('question.carriedHint')}</p>
      <ul className="carried">
        {entries.map(([name, value]) => (
          <li key={name}>
            <code>
              {name}: {JSON.stringify(value)}
            </code>
          </li>
        ))}
      </ul>
      <Button size="small" onClick={() => form.setFieldValue('carried', {})}>
        {t('question.forget')}
      </Button>
    </fieldset>
  )
}

/** Under which name it is kept, with which note, how urgent; and a sweep, if there is one. */
function RecordCard() {
  const { t } = useTranslation()
  const { data } = useQuery(experimentsQuery)
  const [model, hardware, topology] = [
    useFormValue('model'),
    useFormValue('hardware'),
    useFormValue('topology'),
  ]
  return (
    <>
      <Form.Item
        name="experiment_name"
        label={t('form.experiment')}
        tooltip={t('form.experimentHint')}
      >
        <AutoComplete
          placeholder={
            model && hardware && topology
              ? defaultExperimentName({ model, hardware, topology })
              : t('form.experimentPlaceholder')
          }
          options={(data?.experiments ?? []).map(({ name }) => ({ value: name }))}
          showSearch={{
            filterOption: (typed, option) => option !== undefined && completes(typed, option.value),
          }}
        />
      </Form.Item>
      <Form.Item name="description" label={t('form.description')}>
        <Input placeholder={t('form.descriptionPlaceholder')} />
      </Form.Item>
      <NumberField
        name="priority"
        label={t('form.priority')}
        tooltip={t('form.priorityHint')}
        bounds={{ min: -100, max: 100, integer: true }}
        message={t('form.priorityBounds')}
      />
      <SweepInputs />
      <CarriedInputs />
    </>
  )
}

/** What each part of the question opens. */
export const cards: Record<Part, () => ReactNode> = {
  model: ModelCard,
  chips: ChipsCard,
  load: LoadCard,
  limits: LimitsCard,
  search: SearchCard,
  record: RecordCard,
}
