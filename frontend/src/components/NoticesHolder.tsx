import { notification } from 'antd'
import { useEffect, useRef } from 'react'
import type { NoticeKind } from './Notices'

const SECONDS = 3

export interface NoticesHolderProps {
  /** Everything that was ever told; what is new is shown. */
  told: readonly {
    readonly kind: NoticeKind
    readonly sentence: string
    readonly seconds: number | undefined
  }[]
}

/** Shows notices at the bottom left, where no card and no table begins. */
export function NoticesHolder({ told }: NoticesHolderProps) {
  const [antd, holder] = notification.useNotification({ placement: 'bottomLeft', maxCount: 3 })
  const shown = useRef(0)
  useEffect(() => {
    for (const { kind, sentence: title, seconds: duration = SECONDS } of told.slice(
      shown.current,
    )) {
      const role = kind === 'success' ? 'status' : 'alert'
      antd[kind]({ title, duration, role, closable: false, className: 'short-notice' })
    }
    shown.current = told.length
  }, [told, antd])
  return holder
}
