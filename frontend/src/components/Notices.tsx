import { message } from 'antd'
import { createContext, type ReactNode, useContext } from 'react'

type Notices = ReturnType<typeof message.useMessage>[0]

/** In pixels: notices must not lie over the way to the other pages. */
const HEADER_HEIGHT = 48

const NoticesContext = createContext<Notices | null>(null)

/** Short notices below the header. (antd's own App would bring dialogs along unused.) */
export function NoticesProvider({ children }: { children: ReactNode }) {
  const [notices, holder] = message.useMessage({ maxCount: 3, top: HEADER_HEIGHT + 8 })
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
