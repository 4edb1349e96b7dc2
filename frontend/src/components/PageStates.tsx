import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/client'
import { askForToken } from '@/api/token'
import './PageStates.css'

type Tone = 'neutral' | 'bad'

/** An empty, failed or waiting place: what it is, why, and what to do. */
export function Notice(props: {
  title: string
  tone?: Tone
  /** Of the heading; the first below a page's own is an h2. */
  level?: 'h2' | 'h3'
  children?: ReactNode
  actions?: ReactNode
}) {
  const { title, tone = 'neutral', level: Heading = 'h3', children, actions } = props
  return (
    <section className={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Heading>{title}</Heading>
      {children !== undefined && <div>{children}</div>}
      {actions !== undefined && <div>{actions}</div>}
    </section>
  )
}

/** Where text is about to stand. */
export function LoadingLines({ rows }: { rows: number }) {
  return <div className="loading-lines" aria-hidden="true" style={{ height: rows * 32 }} />
}

export function PageLoading() {
  const { t } = useTranslation()
  return (
    <div className="panel" aria-busy="true" role="status" aria-label={t('app.loading')}>
      <LoadingLines rows={7} />
    </div>
  )
}

export function NotFound() {
  const { t } = useTranslation()
  return (
    <Notice title={t('app.notFound')} actions={<Link to="/">{t('app.backToAnalysis')}</Link>} />
  )
}

export function PageFailed(props: { error: unknown }) {
  const { t } = useTranslation()
  return (
    <Notice
      tone="bad"
      title={t('app.crashed')}
      actions={<Button onClick={() => window.location.reload()}>{t('app.reload')}</Button>}
    >
      {props.error instanceof Error ? props.error.message : null}
    </Notice>
  )
}

export function LoadFailed(props: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation()
  const code = props.error instanceof ApiError ? props.error.code : undefined
  const silent = code === 'unreachable'
  return (
    <Notice
      tone="bad"
      title={silent ? t('app.unreachable') : t('app.loadFailed', { reason: props.error.message })}
      actions={
        code === 'unauthorized' ? (
          <Button onClick={askForToken}>{t('token.enter')}</Button>
        ) : (
          <Button onClick={props.onRetry}>{t('app.retry')}</Button>
        )
      }
    />
  )
}
