import { CopyOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNotices } from '@/components/Notices'

/** Puts a text into the clipboard and says so; a browser gives none to a page without https. */
export function CopyButton(props: { text: () => string; icon?: ReactNode; children: string }) {
  const { text, icon = <CopyOutlined />, children } = props
  const { t } = useTranslation()
  const message = useNotices()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text())
      message.success(t('notice.copied'))
    } catch {
      message.error(t('notice.copyFailed'))
    }
  }
  return (
    <Button size="small" icon={icon} onClick={() => void copy()}>
      {children}
    </Button>
  )
}
