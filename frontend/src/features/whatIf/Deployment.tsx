import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { chipsQuery, modelsQuery, topologiesQuery } from '@/api/catalogue'
import { usePresetTitle } from '@/i18n/usePresetTitle'
import type { Settings } from './settings'

interface DeploymentProps {
  settings: Settings
  onChange: (change: Partial<Settings>) => void
}

interface PartProps extends DeploymentProps {
  name: 'model' | 'chip' | 'topology'
  presets: readonly { name: string; title: string }[] | undefined
}

function Part({ settings, onChange, name, presets }: PartProps) {
  const { t } = useTranslation()
  const presetTitle = usePresetTitle()
  return (
    <div className="field">
      <label htmlFor={`what-if-${name}`}>{t(`form.${name}`)}</label>
      <Select
        id={`what-if-${name}`}
        showSearch={{ optionFilterProp: 'label' }}
        loading={presets === undefined}
        value={settings[name]}
        onChange={(chosen: string) => onChange({ [name]: chosen })}
        options={presets?.map((entry) => ({ value: entry.name, label: presetTitle(entry) }))}
      />
    </div>
  )
}

/** Which model, on which chips, connected how. */
export function Deployment(props: DeploymentProps) {
  return (
    <>
      <Part {...props} name="model" presets={useQuery(modelsQuery).data} />
      <Part {...props} name="chip" presets={useQuery(chipsQuery).data} />
      <Part {...props} name="topology" presets={useQuery(topologiesQuery).data} />
    </>
  )
}
