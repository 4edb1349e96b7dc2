import { Form, type FormItemProps, Input, type InputProps } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type Bounds,
  milliseconds,
  perSecond,
  problemOf,
  type Scales,
  type Typed,
  typedValue,
} from './quantity'

interface NumberInputProps extends Omit<InputProps, 'value' | 'onChange'> {
  value?: Typed
  onChange?: (value: Typed) => void
  units: Scales | undefined
}

/** Shows the text as it is typed, and once left the number that was understood. */
function NumberInput({ value, onChange, units, onBlur, ...others }: NumberInputProps) {
  const [typed, setTyped] = useState('')
  const shown = typedValue(typed, units) === (value ?? null) ? typed : String(value ?? '')
  return (
    <Input
      {...others}
      autoComplete="off"
      value={shown}
      onChange={({ target }) => {
        setTyped(target.value)
        onChange?.(typedValue(target.value, units))
      }}
      onBlur={(event) => {
        setTyped(String(value ?? ''))
        onBlur?.(event)
      }}
    />
  )
}

interface NumberFieldProps extends Pick<FormItemProps, 'name' | 'label' | 'tooltip' | 'help'> {
  bounds: Bounds
  /** What is said of a number that is out of bounds. */
  message: string
  unit?: string
  placeholder?: string
  /** Whether the value outlives the field. */
  preserve?: boolean
}

/** A number: takes "4k" and "1.5M", of milliseconds "2 s", and refuses what it can't read. */
export function NumberField(props: NumberFieldProps) {
  const { bounds, message, unit, placeholder, ...item } = props
  const { t } = useTranslation()
  const isTime = unit === 'ms'
  const isRate = unit === t('form.perSecond')
  const units = isTime ? milliseconds : isRate ? perSecond : undefined
  const check = (_rule: unknown, value: Typed) => {
    const problem = problemOf(value, bounds)
    if (problem === undefined) return Promise.resolve()
    const sentences: Record<typeof problem, string> = {
      required: t('form.required'),
      notANumber: t(isTime ? 'form.notATime' : 'form.notANumber', { text: String(value) }),
      outOfBounds: message,
    }
    return Promise.reject(new Error(sentences[problem]))
  }
  return (
    <Form.Item {...item} rules={[{ validator: check }]} validateTrigger="onBlur">
      <NumberInput
        units={units}
        {...(unit ? { suffix: unit } : {})}
        {...(placeholder === undefined ? {} : { placeholder })}
      />
    </Form.Item>
  )
}
