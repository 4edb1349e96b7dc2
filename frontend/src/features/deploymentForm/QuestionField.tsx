import { Form, Segmented } from 'antd'
import { useTranslation } from 'react-i18next'
import type { FormValues } from './formValues'
import { useFormValue } from './useFormValue'

/** What people come to ask; any other objective is a question of its own. */
const questions = ['most', 'fewest', 'plan'] as const
type Asked = (typeof questions)[number]

const settings: Record<Asked, Pick<FormValues, 'search_mode'> & { objective?: string }> = {
  most: { search_mode: 'auto', objective: 'throughput' },
  fewest: { search_mode: 'auto', objective: 'chips' },
  plan: { search_mode: 'manual' },
}

/** The question of three that the fields ask, if it is one of them. */
export function questionAsked(
  mode: FormValues['search_mode'] | undefined,
  objective: string | undefined,
): Asked | undefined {
  if (mode === 'manual') return 'plan'
  return questions.find((one) => one !== 'plan' && settings[one].objective === objective)
}

/** The most from the chips, the fewest chips, or how fast one plan is: sets what asks it. */
export function QuestionField() {
  const { t } = useTranslation()
  const form = Form.useFormInstance<FormValues>()
  const asked = questionAsked(
    useFormValue('search_mode'),
    useFormValue('search_constraints')?.objective,
  )
  const ask = (chosen: Asked) => {
    const { search_mode, objective } = settings[chosen]
    form.setFieldValue('search_mode', search_mode)
    if (objective !== undefined) {
      form.setFieldValue(['search_constraints', 'objective'] as never, objective)
    }
  }
  return (
    <>
      <Form.Item label={t('ask.question')}>
        <Segmented<Asked | ''>
          block
          aria-label={t('ask.question')}
          value={asked ?? ''}
          options={questions.map((value) => ({ value, label: t(`ask.question_${value}`) }))}
          onChange={(chosen) => chosen !== '' && ask(chosen)}
        />
      </Form.Item>
      {asked !== undefined && <p className="hint">{t(`ask.questionHint_${asked}`)}</p>}
    </>
  )
}
