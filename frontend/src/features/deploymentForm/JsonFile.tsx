import { Form } from 'antd'
import { type DragEvent, type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { Section } from './formValues'

/** Takes a file's text as the JSON of a part of the question. */
function useTakeFile(section: Section) {
  const form = Form.useFormInstance()
  return async (file: File | undefined) => {
    if (file === undefined) return
    const json = await file.text()
    form.setFields([
      { name: [section, 'source'], value: 'json' },
      { name: [section, 'json'], value: json, errors: [] },
    ])
    // As if it had been typed: the address and the preview follow.
    form.setFieldValue([section, 'json'], json)
    void form.validateFields([[section, 'json']])
  }
}

/** A file dropped on this place becomes the JSON of the part. */
export function DropPlace({ section, children }: { section: Section; children: ReactNode }) {
  const take = useTakeFile(section)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    void take(event.dataTransfer.files[0])
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the file input below is the keyboard's way
    <div onDrop={drop} onDragOver={(event) => event.preventDefault()}>
      {children}
    </div>
  )
}

/** The same by choosing the file. */
export function JsonFile({ section }: { section: Section }) {
  const { t } = useTranslation()
  const id = useId()
  const take = useTakeFile(section)
  return (
    <p className="json-file hint">
      {t('question.drop')}{' '}
      <input
        id={id}
        className="visually-hidden"
        type="file"
        accept=".json,application/json"
        onChange={({ target }) => void take(target.files?.[0])}
      />
      <label htmlFor={id}>{t('question.file')}</label>
    </p>
  )
}
