import { useId } from 'react'
import './Slider.css'

interface SliderProps {
  label: string
  /** What its position means, in words. */
  text: string
  low: number
  high: number
  position: number
  onChange: (position: number) => void
}

/** A named slider over whole positions, its value beside the name. */
export function Slider({ label, text, low, high, position, onChange }: SliderProps) {
  const id = useId()
  return (
    <div className="field slider">
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id}>{text}</output>
      <input
        id={id}
        type="range"
        min={low}
        max={high}
        step={1}
        value={position}
        aria-valuetext={text}
        onChange={({ target }) => onChange(Number(target.value))}
      />
    </div>
  )
}
