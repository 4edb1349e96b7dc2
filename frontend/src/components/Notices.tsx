import { notification } from 'antd'
import { createContext, type ReactNode, useContext, useMemo } from 'react'

const SECONDS = 3

const kinds = ['success', 'warning', 'error'] as const

/** Says a sentence for some seconds, as what it is. */
export type Notices = Readonly<
  Record<(typeof kinds)[number], (sentence: string, seconds?: number) => void>
>

const NoticesContext = createContext<Notices | null>(null)

/** Short notices at the bottom left, where no card and no table begins. */
export function NoticesProvider({ children }: { children: ReactNode }) {
  const [antd, holder] = notification.useNotification({ placement: 'bottomLeft', maxCount: 3 })
  const notices = useMemo(() => {
    const say = (kind: (typeof kinds)[number]) => {
      const role = kind === 'success' ? 'status' : 'alert'
      return (title: string, duration = SECONDS) =>
        antd[kind]({ title, duration, role, closable: false, className: 'short-notice' })
    }
    return Object.fromEntries(kinds.map((kind) => [kind, say(kind)])) as unknown as Notices
  }, [antd])
  return (
    <NoticesContext value={notices}>
      {holder}
      {children}
    </NoticesContext>
  )
}

export function useNotices(): Notices {
  const notices = useContext(NoticesContext)
  if (notices === null) throw new Error('useNotices needs a NoticesProvider above it.')
  return notices
}
