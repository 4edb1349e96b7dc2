import { useTranslation } from 'react-i18next'
import { Slider } from '@/components/Slider'
import { useFormats } from '@/i18n/useFormats'
import { positionOf, type Settings, type SliderName, scales, valueAt } from './settings'
import '@/components/Group.css'

interface SlidersProps {
  settings: Settings
  onChange: (change: Partial<Settings>) => void
}

function SettingSlider(props: SlidersProps & { name: SliderName }) {
  const { settings, onChange, name } = props
  const { t } = useTranslation()
  const { integer, figure } = useFormats()
  const scale = scales[name]
  const value = settings[name]
  const text = {
    batch: () => integer(value),
    input: () => `${integer(value)} ${t('form.tokens')}`,
    output: () => `${integer(value)} ${t('form.tokens')}`,
    bandwidth: () => `× ${figure(value)}`,
    flops: () => `× ${figure(value)}`,
  }[name]()
  return (
    <Slider
      label={t(`whatIf.${name}`)}
      text={text}
      low={scale.low}
      high={scale.high}
      position={positionOf(scale, value)}
      onChange={(position) => onChange({ [name]: valueAt(scale, position) })}
    />
  )
}

/** The load and two figures of the chip, each to be drawn up or down. */
export function Sliders(props: SlidersProps) {
  const { t } = useTranslation()
  return (
    <>
      <fieldset className="group">
        <legend>{t('form.load')}</legend>
        {(['batch', 'input', 'output'] as const).map((name) => (
          <SettingSlider key={name} {...props} name={name} />
        ))}
      </fieldset>
      <fieldset className="group">
        <legend>{t('whatIf.chipFigures')}</legend>
        {(['bandwidth', 'flops'] as const).map((name) => (
          <SettingSlider key={name} {...props} name={name} />
        ))}
      </fieldset>
    </>
  )
}
