import { DownOutlined, UpOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useEffectEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { TaskCards } from './TaskCards'
import { useIsWorking, useLiveCounts, useLiveSummary } from './useLiveTasks'
import { useRestored } from './useRestored'
import './RunningTasks.css'

/** Keeps a function the same as long as the page is there, though what it does may change. */
function useSame<T>(act: (value: T) => void): (value: T) => void {
  const now = useEffectEvent(act)
  const same = useRef((value: T) => now(value))
  return same.current
}

/**
 * Whether the cards are shown: for a task that is followed here, for those found running at the
 * start, and as long as somebody wants to see them. What others submit moves nothing.
 */
function useUnfolded(selectedTask: string | undefined) {
  const { known, active } = useLiveCounts()
  const isFollowed = useIsWorking(selectedTask)
  const [unfolded, setUnfolded] = useState<boolean>()
  const [followed, setFollowed] = useState(isFollowed)
  if (followed !== isFollowed) setFollowed(isFollowed)
  if (isFollowed && !followed) setUnfolded(true)
  else if (known && unfolded === undefined) setUnfolded(active > 0)
  else if (unfolded && active === 0) setUnfolded(false)
  return [unfolded ?? false, setUnfolded] as const
}

/** One line while nobody follows a task; its cards, in places that stay, while somebody does. */
export function RunningTasks(props: {
  onViewResult: (taskId: string) => void
  selectedTask?: string | undefined
}) {
  const { t } = useTranslation()
  const { count, progress } = useLiveSummary()
  const restored = useRestored()
  const view = useSame(props.onViewResult)
  const [unfolded, setUnfolded] = useUnfolded(props.selectedTask)
  return (
    <div className="running-tasks">
      <div className="running-line">
        {count === 0 ? (
          t('task.noneRunning')
        ) : (
          <>
            <span>{t('task.areaSummary', { count })}</span>
            <progress max={100} value={progress} aria-label={t('task.areaProgress')} />
            <Button
              type="text"
              size="small"
              aria-expanded={unfolded}
              icon={unfolded ? <UpOutlined /> : <DownOutlined />}
              onClick={() => setUnfolded(!unfolded)}
            >
              {unfolded ? t('task.hideCards') : t('task.showCards')}
            </Button>
          </>
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
      {unfolded && count > 0 && (
        <section aria-label={t('task.running')}>
          <TaskCards onViewResult={view} empty />
        </section>
      )}
    </div>
  )
}
