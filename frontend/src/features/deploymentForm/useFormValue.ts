import { Form } from 'antd'
import type { FormValues } from './formValues'

/** A part of the form as it is typed, fields that are not on the screen at the moment included. */
export function useFormValue<K extends keyof FormValues>(name: K): FormValues[K] | undefined {
  const form = Form.useFormInstance<FormValues>()
  return Form.useWatch<FormValues[K] | undefined>(name, { form, preserve: true })
}
