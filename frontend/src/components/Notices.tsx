import { createContext, lazy, type ReactNode, Suspense, useContext, useMemo, useState } from 'react'
import type { NoticesHolderProps } from './NoticesHolder'

export type NoticeKind = 'success' | 'warning' | 'error'

/** What can be done about what a notice says, as long as it is shown. */
export interface NoticeAction {
  readonly label: string
  readonly act: () => void
}

type Tell = (sentence: string, seconds?: number, action?: NoticeAction) => void

/** Says a sentence for some seconds, as what it is. */
export type Notices = Readonly<Record<NoticeKind, Tell>>

const NoticesContext = createContext<Notices | null>(null)

const NoticesHolder = lazy(async () => ({
  default: (await import('./NoticesHolder')).NoticesHolder,
}))

/** Short notices; what shows them comes with the first one. */
export function NoticesProvider({ children }: { children: ReactNode }) {
  const [told, setTold] = useState<NoticesHolderProps['told']>([])
  const notices = useMemo((): Notices => {
    const tell =
      (kind: NoticeKind): Tell =>
      (sentence, seconds, action) =>
        setTold((now) => [...now, { kind, sentence, seconds, action }])
    return { success: tell('success'), warning: tell('warning'), error: tell('error') }
  }, [])
  return (
    <NoticesContext value={notices}>
      {told.length > 0 && (
        <Suspense>
          <NoticesHolder told={told} />
        </Suspense>
      )}
      {children}
    </NoticesContext>
  )
}

export function useNotices(): Notices {
  const notices = useContext(NoticesContext)
  if (notices === null) throw new Error('useNotices needs a NoticesProvider above it.')
  return notices
}
