import { Form, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormValue } from './useFormValue'

const examples = {
  first: 'chip.memory_bandwidth=2..8 TB/s step 0.5',
  second: 'inference.input_seq_length=1k, 4k, 16k',
} as const

/** One or two fields that take many values: the question is asked at every point of them. */
export function SweepInputs() {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const axes = useFormValue('sweep')
  // What was typed is submitted, so it stays in sight.
  const isFilled = axes !== undefined && axes.first + axes.second !== ''
  return (
    <details
      className="group"
      open={open || isFilled}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{t('ask.sweep')}</summary>
      <p className="hint">{t('ask.sweepHint')}</p>
      {(['first', 'second'] as const).map((axis) => (
        <Form.Item key={axis} name={['sweep', axis]} label={t(`ask.sweep_${axis}`)}>
          <Input placeholder={examples[axis]} spellCheck={false} />
        </Form.Item>
      ))}
    </details>
  )
}
