import { useEffect, useEffectEvent, useState } from 'react'
import { isCommandKey } from '@/hooks/commandKey'

interface Row {
  readonly task_id: string
}

/** The row after so many steps; the first one from nowhere. */
export function stepped<T extends Row>(
  rows: readonly T[],
  active: string | undefined,
  steps: number,
): string | undefined {
  const place = rows.findIndex(({ task_id }) => task_id === active)
  const next = place < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, place + steps))
  return rows[next]?.task_id
}

/** The row that j and k lead to; Enter opens it. */
export function useKeyboardRow<T extends Row>(rows: readonly T[], onOpen: (row: T) => void) {
  const [active, setActive] = useState<string>()
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (!isCommandKey(event)) return
    if (event.key === 'j' || event.key === 'k') {
      setActive(stepped(rows, active, event.key === 'j' ? 1 : -1))
    } else if (event.key === 'Enter' && isNowhere(event.target)) {
      const row = rows.find(({ task_id }) => task_id === active)
      if (row !== undefined) onOpen(row)
    }
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event)
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  return active
}

/** Whether Enter means nothing else there. */
function isNowhere(target: EventTarget | null): boolean {
  return !(target instanceof Element && target.closest('a, button, summary, [role=dialog]'))
}
