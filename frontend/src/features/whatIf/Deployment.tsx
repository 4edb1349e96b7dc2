import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { catalogueQuery } from '@/api/queries'
import { usePresetTitle } from '@/i18n/usePresetTitle'
import type { Settings } from './settings'

const parts = [
  { name: 'model', kind: 'models' },
  { name: 'chip', kind: 'chips' },
  { name: 'topology', kind: 'topologies' },
] as const

interface DeploymentProps {
  settings: Settings
  onChange: (change: Partial<Settings>) => void
}

function Part(props: DeploymentProps & (typeof parts)[number]) {
  const { settings, onChange, name, kind } = props
  const { t } = useTranslation()
  const presetTitle = usePresetTitle()
  const { data = [], isPending } = useQuery(catalogueQuery(kind))
  const entries: readonly { name: string; title: string }[] = data
  return (
    <div className="what-if-part">
      <label htmlFor={`what-if-${name}`}>{t(`form.${name}`)}</label>
      <Select
        id={`what-if-${name}`}
        showSearch={{ optionFilterProp: 'label' }}
        loading={isPending}
        value={settings[name]}
        onChange={(chosen: string) => onChange({ [name]: chosen })}
        options={entries.map((entry) => ({ value: entry.name, label: presetTitle(entry) }))}
      />
    </div>
  )
}

/** Which model, on which chips, connected how. */
export function Deployment(props: DeploymentProps) {
  return parts.map((part) => <Part key={part.name} {...props} {...part} />)
}
