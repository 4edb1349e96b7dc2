import { useMutation } from '@tanstack/react-query'
import { Button, Flex, Form, Input, Segmented, Select } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { getCatalogueEntry } from '@/api/catalogue'
import { notAnObject, parseJsonObject, type Section } from './formValues'
import { JsonFile } from './JsonFile'
import { Source } from './PresetFacts'
import { TopologyEditor } from './TopologyEditor'
import { Understood } from './Understood'
import { useFormValue } from './useFormValue'
import './PresetField.css'

const kinds = { model: 'models', hardware: 'chips', topology: 'topologies' } as const
const words = {
  model: {
    label: 'form.model',
    json: 'form.modelJson',
    hint: 'form.modelJsonHint',
    search: 'form.searchModels',
  },
  hardware: {
    label: 'form.chip',
    json: 'form.chipJson',
    hint: 'form.chipJsonHint',
    search: 'form.searchChips',
  },
  topology: {
    label: 'form.topology',
    json: 'form.topologyJson',
    hint: 'form.topologyJsonHint',
    search: 'form.searchTopologies',
  },
} as const

export interface PresetOption {
  readonly value: string
  readonly label: string
  /** The facts in one line, shown in the list. */
  readonly detail: string
  /** Everything a search should find: title, name, aliases. */
  readonly search: string
  /** Name and aliases in lower case: who types one of them means this preset. */
  readonly names: readonly string[]
}

interface PresetFieldProps {
  section: Section
  options: readonly PresetOption[]
  loading: boolean
  facts: ReactNode
  source: string | undefined
}

function JsonControl(props: { section: Section; preset: string }) {
  const { section, preset } = props
  const { t } = useTranslation()
  const form = Form.useFormInstance()
  const check = (_rule: unknown, text: string | undefined): Promise<void> => {
    const parsed = parseJsonObject(text ?? '')
    if (parsed.ok) return Promise.resolve()
    const reason =
      parsed.reason === notAnObject
        ? t('form.notAnObject')
        : t('form.invalidJson', { reason: parsed.reason })
    return Promise.reject(new Error(reason))
  }
  const start = useMutation({
    mutationFn: (_where: 'anyway' | 'where empty') => getCatalogueEntry(kinds[section], preset),
    onSuccess: ({ spec }, where) => {
      // What somebody pasted meanwhile stays.
      if (where === 'where empty' && form.getFieldValue([section, 'json'])) return
      const value = JSON.stringify(spec, null, 2)
      form.setFields([{ name: [section, 'json'], value, errors: [] }])
    },
    onError: ({ message }) => form.setFields([{ name: [section, 'json'], errors: [message] }]),
  })
  const json = useFormValue(section)?.json ?? ''
  const begin = start.mutate
  const isDrawn = section === 'topology'
  // A topology of one's own begins as the one that was chosen.
  useEffect(() => {
    if (isDrawn && json === '' && preset !== '') begin('where empty')
  }, [isDrawn, json, preset, begin])
  return (
    <>
      {isDrawn && <TopologyEditor />}
      <Form.Item
        name={[section, 'json']}
        rules={[{ validator: check }]}
        validateTrigger="onBlur"
        extra={t(words[section].hint)}
      >
        <Input.TextArea
          className="json"
          autoSize={{ minRows: 5, maxRows: 16 }}
          spellCheck={false}
          aria-label={t(words[section].json)}
          placeholder="{ … }"
        />
      </Form.Item>
      <JsonFile section={section} />
      {section === 'model' && <Understood json={json} />}
      {preset !== '' && (
        <Button type="link" size="small" onClick={() => start.mutate('anyway')}>
          {t('form.startFromPreset')}: {preset}
        </Button>
      )}
    </>
  )
}

const isNamed = ({ names }: PresetOption, text: string) => names.includes(text.toLowerCase())

function namedFirst(one: PresetOption, other: PresetOption, info: { searchValue: string }) {
  return Number(isNamed(other, info.searchValue)) - Number(isNamed(one, info.searchValue))
}

/** One input of the deployment: a named preset with its key facts, or its JSON. */
export function PresetField(props: PresetFieldProps) {
  const { section, options, loading, facts, source } = props
  const { t } = useTranslation()
  const value = useFormValue(section)
  const [typed, setTyped] = useState('')
  // Enter takes the first option whose value begins with what is typed: so a typed alias is one.
  const shown = options.map((one) => (isNamed(one, typed) ? { ...one, value: typed } : one))
  const presetOf = (name: string) => options.find((one) => isNamed(one, name))?.value ?? name
  const label = t(words[section].label)
  const isJson = value?.source === 'json'
  return (
    <div className="preset-field" data-section={section}>
      <Flex component="header" align="center" gap={10}>
        <label htmlFor={`${section}_${isJson ? 'json' : 'preset'}`}>{label}</label>
        {!isJson && source !== undefined && <Source source={source} />}
        <Form.Item name={[section, 'source']} noStyle>
          <Segmented
            size="small"
            aria-label={t('form.presetOrJson', { section: label })}
            options={[
              { value: 'preset', label: t('form.preset') },
              { value: 'json', label: t(section === 'topology' ? 'topology.edit' : 'form.json') },
            ]}
          />
        </Form.Item>
      </Flex>
      {isJson ? (
        <JsonControl section={section} preset={value.preset} />
      ) : (
        <>
          <Form.Item
            name={[section, 'preset']}
            getValueFromEvent={presetOf}
            rules={[{ required: true, message: t('form.required') }]}
            noStyle={false}
            className="preset-select"
          >
            <Select
              showSearch={{
                optionFilterProp: 'search',
                filterSort: namedFirst,
                onSearch: setTyped,
              }}
              onOpenChange={(open) => open || setTyped('')}
              aria-label={label}
              loading={loading}
              placeholder={t(words[section].search)}
              notFoundContent={t('form.noneFound')}
              options={shown}
              optionRender={(option) => (
                <Flex justify="space-between" gap={12}>
                  <span>{option.data.label}</span>
                  <span className="hint">{option.data.detail}</span>
                </Flex>
              )}
            />
          </Form.Item>
          {facts}
        </>
      )}
    </div>
  )
}
