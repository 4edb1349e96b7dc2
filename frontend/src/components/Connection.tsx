import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { askForToken } from '@/api/token'
import { useTaskWebSocket } from '@/hooks/useTaskWebSocket'
import './Connection.css'

/** How progress arrives, and in words why it does not. */
function useConnection() {
  const { t } = useTranslation()
  const { state, hindrance } = useTaskWebSocket()
  // A service that is away comes back by itself, and so does the connection.
  const kind = hindrance === null || hindrance.kind === 'away' ? state : hindrance.kind
  const hint = [t(`connection.${kind}Hint`), hindrance?.sentence].filter(Boolean).join(' ')
  return { kind, word: t(`connection.${kind}`), hint }
}

/** Whether progress arrives live: a word, not only a dot. */
export function ConnectionBadge() {
  const { kind, word, hint } = useConnection()
  return (
    <output className={`connection connection-${kind}`} data-state={kind} title={hint}>
      <span className="connection-dot" aria-hidden="true" />
      {word}
    </output>
  )
}

/** What somebody has to do before progress arrives live; nothing while it does or will again. */
export function ConnectionNotice() {
  const { t } = useTranslation()
  const { kind, hint } = useConnection()
  if (kind === 'open' || kind === 'connecting' || kind === 'reconnecting') return null
  return (
    <p className="connection-notice" role="alert">
      {hint}{' '}
      {kind === 'unauthorized' && (
        <Button size="small" onClick={askForToken}>
          {t('token.enter')}
        </Button>
      )}
    </p>
  )
}
