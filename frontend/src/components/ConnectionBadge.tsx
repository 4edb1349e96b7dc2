import { Tooltip } from 'antd'
import { useTranslation } from 'react-i18next'
import { useTaskWebSocket } from '@/hooks/useTaskWebSocket'

/** Whether progress arrives live: a word, not only a dot. */
export function ConnectionBadge() {
  const { t } = useTranslation()
  const { state } = useTaskWebSocket()
  return (
    <Tooltip title={t(`connection.${state}Hint`)} placement="bottomRight">
      <output className={`connection connection-${state}`} data-state={state}>
        <span className="connection-dot" aria-hidden="true" />
        <span className="connection-word">{t(`connection.${state}`)}</span>
      </output>
    </Tooltip>
  )
}
