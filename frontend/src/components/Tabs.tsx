import { type KeyboardEvent, type ReactNode, useId } from 'react'
import './Tabs.css'

export interface Tab<K extends string> {
  readonly key: K
  readonly title: string
  readonly content: () => ReactNode
}

interface TabsProps<K extends string> {
  label: string
  tabs: readonly Tab<K>[]
  chosen: K
  onChoose: (key: K) => void
}

const steps: Record<string, number | undefined> = { ArrowRight: 1, ArrowLeft: -1 }

/** One of several views of the same thing; arrows move between them. */
export function Tabs<K extends string>({ label, tabs, chosen, onChoose }: TabsProps<K>) {
  const id = useId()
  const shown = tabs.find(({ key }) => key === chosen) ?? tabs[0]
  if (shown === undefined) return null
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = tabs[(tabs.indexOf(shown) + step + tabs.length) % tabs.length]
    if (next === undefined) return
    onChoose(next.key)
    event.currentTarget.querySelector<HTMLElement>(`[data-tab=${next.key}]`)?.focus()
  }
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map(({ key, title }) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`${id}-${key}`}
            data-tab={key}
            aria-selected={key === shown.key}
            aria-controls={`${id}-panel`}
            tabIndex={key === shown.key ? 0 : -1}
            onClick={() => onChoose(key)}
          >
            {title}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${shown.key}`}>
        {shown.content()}
      </div>
    </>
  )
}
