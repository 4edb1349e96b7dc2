import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '@/i18n/useFormats'
import { positionOf, type Settings, type SliderName, scales, valueAt } from './settings'
import '@/components/Group.css'

interface SlidersProps {
  settings: Settings
  onChange: (change: Partial<Settings>) => void
}

function Slider(props: SlidersProps & { name: SliderName }) {
  const { settings, onChange, name } = props
  const { t } = useTranslation()
  const { integer, figure } = useFormats()
  const id = useId()
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
    <div className="field">
      <label htmlFor={id}>{t(`whatIf.${name}`)}</label>
      <output htmlFor={id}>{text}</output>
      <input
        id={id}
        type="range"
        min={scale.low}
        max={scale.high}
        step={1}
        value={positionOf(scale, value)}
        aria-valuetext={text}
        onChange={({ target }) => onChange({ [name]: valueAt(scale, Number(target.value)) })}
      />
    </div>
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
          <Slider key={name} {...props} name={name} />
        ))}
      </fieldset>
      <fieldset className="group">
        <legend>{t('whatIf.chipFigures')}</legend>
        {(['bandwidth', 'flops'] as const).map((name) => (
          <Slider key={name} {...props} name={name} />
        ))}
      </fieldset>
    </>
  )
}
