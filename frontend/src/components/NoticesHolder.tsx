import { Button, notification } from 'antd'
import { useEffect, useRef } from 'react'
import type { NoticeAction, NoticeKind } from './Notices'

const SECONDS = 3

export interface NoticesHolderProps {
  /** Everything that was ever told; what is new is shown. */
  told: readonly {
    readonly kind: NoticeKind
    readonly sentence: string
    readonly seconds: number | undefined
    readonly action: NoticeAction | undefined
  }[]
}

/** Shows notices at the bottom left, where no card and no table begins. */
export function NoticesHolder({ told }: NoticesHolderProps) {
  const [antd, holder] = notification.useNotification({ placement: 'bottomLeft', maxCount: 3 })
  const shown = useRef(0)
  useEffect(() => {
    for (const [place, notice] of told.entries()) {
      if (place < shown.current) continue
      const { kind, sentence: title, seconds: duration = SECONDS, action } = notice
      const key = `notice-${place}`
      const act = () => {
        action?.act()
        antd.destroy(key)
      }
      const role = kind === 'success' ? 'status' : 'alert'
      antd[kind]({
        key,
        title,
        duration,
        role,
        closable: false,
        className: 'short-notice',
        // What can be done is over when its time is, wherever the pointer rests.
        ...(action === undefined
          ? {}
          : {
              pauseOnHover: false,
              showProgress: true,
              actions: (
                <Button size="small" onClick={act}>
                  {action.label}
                </Button>
              ),
            }),
      })
    }
    shown.current = told.length
  }, [told, antd])
  return holder
}
