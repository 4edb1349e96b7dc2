import { message } from 'antd'
import { createContext, type ReactNode, useContext } from 'react'

type Notices = ReturnType<typeof message.useMessage>[0]

const NoticesContext = createContext<Notices | null>(null)

/** Short notices at the top of the page. (antd's own App would bring dialogs along unused.) */
export function NoticesProvider({ children }: { children: ReactNode }) {
  const [notices, holder] = message.useMessage({ maxCount: 3 })
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
