import { CloseOutlined, DownOutlined, UpOutlined } from '@ant-design/icons'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { isBoolean, useStored } from '@/hooks/useStored'
import { TaskCards } from './TaskCards'
import { useLiveTasks } from './useLiveTasks'
import { useRestored } from './useRestored'
import './FloatingTasks.css'

/**
 * Running tasks at the bottom right of every page. On the analysis page, whose own column shows
 * the same cards, it starts folded to one line, so that it covers nothing.
 */
export function FloatingTasks() {
  const { t } = useTranslation()
  const { data: tasks = [] } = useLiveTasks()
  const navigate = useNavigate()
  const onAnalysis = useLocation({ select: ({ pathname }) => pathname === '/' })
  const [openHere, setOpenHere] = useStored('tier6.tasks.openOnAnalysis', isBoolean, false)
  const [openElsewhere, setOpenElsewhere] = useStored('tier6.tasks.open', isBoolean, true)
  const [open, setOpen] = onAnalysis ? [openHere, setOpenHere] : [openElsewhere, setOpenElsewhere]

  const restored = useRestored()

  if (tasks.length === 0) return null
  // The mean of all is what one short bar can say honestly.
  const progress = tasks.reduce((sum, task) => sum + task.progress, 0) / tasks.length
  const view = (taskId: string) => void navigate({ to: '/results/$taskId', params: { taskId } })
  return (
    <aside className="floating-tasks" aria-label={t('task.area')}>
      <Button type="text" size="large" block aria-expanded={open} onClick={() => setOpen(!open)}>
        <strong>{t('task.areaSummary', { count: tasks.length })}</strong>
        <progress max={100} value={progress} aria-label={t('task.area')} />
        {open ? <DownOutlined /> : <UpOutlined />}
        <span className="visually-hidden">{open ? t('task.collapse') : t('task.expand')}</span>
      </Button>
      {restored.count > 0 && (
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
      )}
      {open && (
        <div className="stack">
          <TaskCards tasks={tasks} onViewResult={view} />
        </div>
      )}
    </aside>
  )
}
