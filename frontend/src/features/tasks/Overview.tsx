import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { overviewQuery } from '@/api/overview'
import { recentTasksQuery } from '@/api/queries'
import type { Overview as Told } from '@/api/types'
import { ShareBar } from '@/charts/ShareBar'
import { LoadFailed, PageLoading } from '@/components/PageStates'
import { Panel } from '@/components/Panel'
import { useFormats } from '@/i18n/useFormats'
import { QueueBanner } from './QueueBanner'
import { QueueLanes } from './QueueLanes'
import { statusColors } from './StatusLabel'
import { sinceMoment } from './since'
import { useQueue } from './useQueue'
import { useTaskText } from './useTaskText'
import './Overview.css'

const ends = ['completed', 'failed', 'cancelled'] as const

/** How today's tasks ended, as shares of one bar. */
function Today({ ended }: Pick<Told, 'ended'>) {
  const { t } = useTranslation()
  const { integer, percent } = useFormats()
  const whole = ends.reduce((sum, state) => sum + (ended[state] ?? 0), 0)
  return (
    <Panel title={t('overview.today')} level="h2" note={integer(whole)}>
      {whole === 0 ? (
        <p className="hint">{t('overview.noneToday')}</p>
      ) : (
        <ShareBar
          label={t('overview.today')}
          shares={ends.map((state) => ({
            key: state,
            label: t(`task.status_${state}`),
            value: ended[state] ?? 0,
            color: statusColors[state],
          }))}
          whole={whole}
          format={integer}
          percent={percent}
        />
      )}
    </Panel>
  )
}

/** When a task ended; nothing while it has not. */
function Ended({ moment }: { moment: string | null }) {
  const { dateTime } = useFormats()
  if (moment === null) return null
  return (
    <time className="muted" dateTime={moment}>
      {dateTime(moment)}
    </time>
  )
}

/** The best plans found lately, each a link to its result. */
function BestLately() {
  const { t } = useTranslation()
  const text = useTaskText()
  const { data: tasks = [] } = useQuery(recentTasksQuery('completed', 8))
  const found = tasks.filter(({ best_score }) => best_score !== null)
  return (
    <Panel title={t('overview.bestLately')} level="h2">
      {found.length === 0 ? (
        <p className="hint">{t('overview.noneFound')}</p>
      ) : (
        <ul className="overview-list">
          {found.map((task) => {
            const { best, chips, load, limits } = text(task)
            return (
              <li key={task.task_id}>
                <Link to="/results/$taskId" params={{ taskId: task.task_id }}>
                  {task.experiment_name}
                </Link>
                <strong className="number">{best}</strong>
                <span className="muted">
                  {[task.model_name, chips, load, limits].filter(Boolean).join(' · ')}
                </span>
                <Ended moment={task.completed_at} />
              </li>
            )
          })}
        </ul>
      )}
    </Panel>
  )
}

/** The tasks that failed last, and why. */
function Failed() {
  const { t } = useTranslation()
  const { data: tasks = [] } = useQuery(recentTasksQuery('failed', 5))
  if (tasks.length === 0) return null
  return (
    <Panel title={t('overview.failed')} level="h2">
      <ul className="overview-list">
        {tasks.map((task) => (
          <li key={task.task_id}>
            <Link to="/" search={{ task: task.task_id }}>
              {task.experiment_name}
            </Link>
            <span className="overview-reason">{task.error}</span>
            <Ended moment={task.completed_at} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** Each part of the service: by sign, word and colour whether it works, and why not. */
function Health({ told }: { told: Told }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const { queue } = useQueue()
  const slots = (count: number) => t('overview.slots', { count, slots: integer(count) })
  const parts = [
    { key: 'workers', down: told.workers.down, note: slots(told.workers.slots) },
    {
      key: 'previews',
      down: told.previews?.down ?? null,
      note: told.previews === null ? t('overview.switchedOff') : slots(told.previews.slots),
    },
    {
      key: 'database',
      down: told.database.down,
      note: { sqlite: 'SQLite', postgresql: 'PostgreSQL' }[told.database.kind],
    },
    {
      key: 'queue',
      down: queue?.paused ? t('queue.paused') : null,
      note: t('queue.waiting', { count: queue?.total_pending ?? 0 }),
    },
    {
      key: 'live',
      down: null,
      note: t('overview.clients', { count: told.clients, clients: integer(told.clients) }),
    },
  ] as const
  return (
    <Panel title={t('overview.health')} level="h2" note={`Tier6 ${told.version}`}>
      <ul className="overview-health">
        {parts.map(({ key, down, note }) => (
          <li key={key}>
            <span
              className={down === null ? 'part-up' : 'part-down'}
              role="img"
              aria-label={t(down === null ? 'overview.up' : 'overview.down')}
            >
              {down === null ? '●' : '▲'}
            </span>
            <span>{t(`overview.part_${key}`)}</span>
            <span className="muted">{down ?? note}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** What runs and waits, what ended today and how, the best plans lately, and how the service is. */
export function Overview() {
  const { t } = useTranslation()
  const { queue } = useQueue()
  const since = sinceMoment('today', new Date())
  const query = useQuery(overviewQuery(since))
  if (query.error !== null && query.data === undefined) {
    return <LoadFailed error={query.error} onRetry={() => void query.refetch()} />
  }
  if (query.data === undefined || queue === undefined) return <PageLoading />
  const { max_running, ended } = query.data
  return (
    <div className="overview">
      <div className="stack">
        <Panel title={t('overview.queue')} level="h2" tools={<QueueBanner />}>
          <QueueLanes
            running={queue.running}
            slots={max_running}
            tasks={queue.pending}
            total={queue.total_pending}
          />
        </Panel>
        <Failed />
      </div>
      <div className="stack">
        <Today ended={ended} />
        <BestLately />
        <Health told={query.data} />
      </div>
    </div>
  )
}
