import { CloseOutlined, DownOutlined, UpOutlined } from '@ant-design/icons'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { isBoolean, useStored } from '@/hooks/useStored'
import { TaskCards } from './TaskCards'
import { useLiveSummary } from './useLiveTasks'
import { useRestored } from './useRestored'
import './FloatingTasks.css'

/** Said where no page says it beside its own tasks. */
function Restored() {
  const { t } = useTranslation()
  const restored = useRestored()
  if (restored.count === 0) return null
  return (
    <p className="restored hint" role="status">
      {t('notice.restored', { count: restored.count })}
      <Button
        type="text"
        size="small"
        icon={<CloseOutlined />}
        aria-label={t('notice.closeRestored')}
        onClick={restored.close}
      />
    </p>
  )
}

/**
 * Running tasks at the bottom right of every page. On the analysis page, whose own column shows
 * the same cards, it says nothing of restored ones.
 */
export function FloatingTasks() {
  const { t } = useTranslation()
  const { count, progress } = useLiveSummary()
  const navigate = useNavigate()
  const onAnalysis = useLocation({ select: ({ pathname }) => pathname === '/' })
  // Folded until somebody wants to see more: it must not lie over a table.
  const [open, setOpen] = useStored('tier6.tasks.unfolded', isBoolean, false)
  if (count === 0) return null
  const view = (taskId: string) => void navigate({ to: '/results/$taskId', params: { taskId } })
  return (
    <aside className="floating-tasks" aria-label={t('task.area')}>
      <Button type="text" size="large" block aria-expanded={open} onClick={() => setOpen(!open)}>
        <strong>{t('task.areaSummary', { count })}</strong>
        <progress max={100} value={progress} aria-label={t('task.areaProgress')} />
        {open ? <DownOutlined /> : <UpOutlined />}
        <span className="visually-hidden">{open ? t('task.collapse') : t('task.expand')}</span>
      </Button>
      {!onAnalysis && <Restored />}
      {open && (
        <div className="stack">
          <TaskCards onViewResult={view} />
        </div>
      )}
    </aside>
  )
}
