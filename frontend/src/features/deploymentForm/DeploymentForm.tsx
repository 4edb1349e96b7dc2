import { useQuery } from '@tanstack/react-query'
import { AutoComplete, Button, Form, Input } from 'antd'
import { useTranslation } from 'react-i18next'
import { experimentsQuery } from '@/api/queries'
import { DeploymentInputs } from './DeploymentInputs'
import { defaultExperimentName, type FormValues, initialValues } from './formValues'
import { LoadInputs } from './LoadInputs'
import { NumberField } from './NumberField'
import { SearchInputs } from './SearchInputs'
import { SweepInputs } from './SweepInputs'
import { TrafficInputs } from './TrafficInputs'
import { useFormValue } from './useFormValue'
import { type Refusal, useSubmitEvaluation } from './useSubmitEvaluation'
import './DeploymentForm.css'
import '@/components/Group.css'

/** Whether a name is worth offering: it has what was typed in it, and more. */
function completes(typed: string, name: string): boolean {
  return name !== typed && name.toLowerCase().includes(typed.toLowerCase())
}

function RecordInputs() {
  const { t } = useTranslation()
  const { data } = useQuery(experimentsQuery)
  const [model, hardware, topology] = [
    useFormValue('model'),
    useFormValue('hardware'),
    useFormValue('topology'),
  ]
  return (
    <fieldset className="group">
      <legend>{t('form.keep')}</legend>
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
    </fieldset>
  )
}

function RefusalAlert({ refusal }: { refusal: Refusal }) {
  const { t } = useTranslation()
  const { message, placed, unplaced } = refusal
  const title = placed > 0 ? t('form.problems') : message
  const list = unplaced.map(({ field, message }) => (
    <li key={field + message}>
      <code>{field}</code>: {message}
    </li>
  ))
  return (
    <div className="refusal" role="alert">
      {(placed > 0 || unplaced.length === 0) && <p>{title}</p>}
      {list.length > 0 && <ul>{list}</ul>}
    </div>
  )
}

/** The question, as a form: submits it and says which task answers it. */
export function DeploymentForm(props: { onSubmitted: (taskId: string) => void }) {
  const { t } = useTranslation()
  const [form] = Form.useForm<FormValues>()
  const { submit, refusal, forgetRefusal } = useSubmitEvaluation(form)
  const run = (values: FormValues) =>
    submit.mutate(values, { onSuccess: ({ task_id }) => props.onSubmitted(task_id) })
  return (
    <Form<FormValues>
      form={form}
      layout="vertical"
      className="panel deployment-form"
      initialValues={initialValues}
      onValuesChange={forgetRefusal}
      onFinish={() => run(form.getFieldsValue(true))}
      scrollToFirstError={{ focus: true }}
      requiredMark={false}
      aria-labelledby="deployment-title"
    >
      <header className="page-header">
        <h1 id="deployment-title">{t('form.title')}</h1>
        <p>{t('form.intro')}</p>
      </header>
      <DeploymentInputs />
      <LoadInputs />
      <TrafficInputs />
      <SearchInputs />
      <SweepInputs />
      <RecordInputs />
      <footer>
        {refusal !== null && <RefusalAlert refusal={refusal} />}
        <Button type="primary" size="large" htmlType="submit" block loading={submit.isPending}>
          {submit.isPending ? t('form.running') : t('form.run')}
        </Button>
      </footer>
    </Form>
  )
}
