import { lazy, Suspense, useEffect, useEffectEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isCommandKey } from '@/hooks/commandKey'
import type { ThemeName } from '@/theme'
import { useDestinations } from './useDestinations'
import './Commands.css'

// A command is a key away; what shows them comes when somebody looks.
const CommandPalette = lazy(async () => ({
  default: (await import('./CommandPalette')).CommandPalette,
}))
const KeyList = lazy(async () => ({ default: (await import('./KeyList')).KeyList }))

/** The key that is held with K, as this keyboard names it. */
export const heldKey = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl'

interface CommandsProps {
  theme: ThemeName
  onTheme: (theme: ThemeName) => void
}

/** The keys that every page has, and the button of the palette for who has no keyboard. */
export function Commands(props: CommandsProps) {
  const { t } = useTranslation()
  const [shown, setShown] = useState<'palette' | 'keys'>()
  const { newQuestion, search } = useDestinations()
  const close = () => setShown(undefined)
  const commands: Readonly<Record<string, () => void>> = {
    '?': () => setShown('keys'),
    '/': search,
    n: newQuestion,
  }
  const press = useEffectEvent((event: KeyboardEvent) => {
    const held = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
    const command =
      held && event.key.toLowerCase() === 'k'
        ? () => setShown((now) => (now === 'palette' ? undefined : 'palette'))
        : isCommandKey(event) && commands[event.key]
    if (!command) return
    event.preventDefault()
    command()
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event)
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  return (
    <>
      <button
        type="button"
        className="palette-button"
        title={t('palette.title')}
        aria-label={`${heldKey} K: ${t('palette.title')}`}
        onClick={() => setShown('palette')}
      >
        <kbd>{heldKey} K</kbd>
      </button>
      <Suspense>
        {shown === 'palette' && (
          <CommandPalette {...props} onClose={close} onKeys={() => setShown('keys')} />
        )}
        {shown === 'keys' && <KeyList onClose={close} />}
      </Suspense>
    </>
  )
}
