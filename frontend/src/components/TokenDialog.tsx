import { Button } from 'antd'
import { type FormEvent, useEffect, useId, useRef, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { acceptToken, declineToken, onTokenState, tokenState } from '@/api/token'

/** Asks for the token when the service has refused a request for want of one. */
export function TokenDialog() {
  const { t } = useTranslation()
  const { wanted, refused } = useSyncExternalStore(onTokenState, tokenState)
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    if (wanted) dialog.current?.showModal()
    else dialog.current?.close()
  }, [wanted])

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const token = new FormData(event.currentTarget).get('token')
    if (typeof token === 'string' && token.trim() !== '') acceptToken(token.trim())
    event.currentTarget.reset()
  }
  return (
    <dialog ref={dialog} className="token-dialog" aria-labelledby={id} onCancel={declineToken}>
      <form className="token-form" onSubmit={submit}>
        <h2 id={id}>{t('token.title')}</h2>
        <p>{t('token.text')}</p>
        {refused && (
          <p role="alert" className="token-refused">
            {t('token.refused')}
          </p>
        )}
        <label className="token-field">
          <span>{t('token.label')}</span>
          <input
            className="token-input"
            name="token"
            type="password"
            pattern="[\x21-\x7e]+"
            required
            autoComplete="off"
            spellCheck={false}
          />
        </label>
        <p className="hint">{t('token.kept')}</p>
        <footer className="token-actions">
          <Button onClick={declineToken}>{t('token.later')}</Button>
          <Button type="primary" htmlType="submit">
            {t('token.use')}
          </Button>
        </footer>
      </form>
    </dialog>
  )
}
