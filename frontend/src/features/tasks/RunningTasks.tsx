import { Button } from 'antd'
import { useEffectEvent, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { TaskCards } from './TaskCards'
import { useLiveSummary } from './useLiveTasks'
import { useRestored } from './useRestored'
import './RunningTasks.css'

/** Keeps a function the same as long as the page is there, though what it does may change. */
function useSame<T>(act: (value: T) => void): (value: T) => void {
  const now = useEffectEvent(act)
  const same = useRef((value: T) => now(value))
  return same.current
}

/** What is waiting, running, or has ended a moment ago, in places that are always there. */
export function RunningTasks(props: { onViewResult: (taskId: string) => void }) {
  const { t } = useTranslation()
  const { count } = useLiveSummary()
  const restored = useRestored()
  const view = useSame(props.onViewResult)
  return (
    <div className="running-tasks">
      {count === 0 ? (
        <div className="running-none">{t('task.noneRunning')}</div>
      ) : (
        <section aria-label={t('task.running')}>
          <TaskCards onViewResult={view} empty />
        </section>
      )}
      {restored.count > 0 && (
        <p className="restored hint" role="status">
          {t('notice.restored', { count: restored.count })}
          <Button type="text" size="small" onClick={restored.close}>
            {t('notice.closeRestored')}
          </Button>
        </p>
      )}
    </div>
  )
}
