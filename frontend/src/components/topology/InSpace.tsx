import { type ComponentProps, lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import './topology.css'

const TopologySpace = lazy(() => import('./TopologySpace'))

let drawn: boolean | undefined

/** Whether this browser draws in space at all. */
function canDraw(): boolean {
  drawn ??= document.createElement('canvas').getContext('webgl2') !== null
  return drawn
}

/** A cluster in space, where the browser can; its library is fetched with the first one. */
export function InSpace(props: ComponentProps<typeof TopologySpace>) {
  const { t } = useTranslation()
  if (!canDraw()) return <p className="hint">{t('topology.noSpace')}</p>
  return (
    <Suspense fallback={<div className="topology-space" />}>
      <TopologySpace {...props} />
    </Suspense>
  )
}
