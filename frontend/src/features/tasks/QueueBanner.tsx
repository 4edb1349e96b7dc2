import { PauseCircleOutlined, PlayCircleOutlined } from '@ant-design/icons'
import { Button, Flex } from 'antd'
import { useTranslation } from 'react-i18next'
import { useFormats } from '@/i18n/useFormats'
import { useQueue } from './useQueue'

/** How many tasks wait, whether they may start, and the switch for that. */
export function QueueBanner() {
  const { t } = useTranslation()
  const { queue, pause } = useQueue()
  if (queue === undefined) return null
  const { paused, total_pending: count } = queue
  const waiting = paused
    ? t('queue.pausedWaiting', { count })
    : count > 0 && t('queue.waiting', { count })
  return (
    <Flex
      component="section"
      wrap
      align="center"
      gap="4px 12px"
      className={paused ? 'queue-paused' : ''}
      aria-label={t('queue.label')}
      aria-live="polite"
    >
      {paused && (
        <strong>
          <PauseCircleOutlined aria-hidden="true" /> {t('queue.paused')}
        </strong>
      )}
      {waiting !== false && <span>{waiting}</span>}
      <Button
        size="small"
        type={paused ? 'primary' : 'text'}
        icon={paused ? <PlayCircleOutlined /> : <PauseCircleOutlined />}
        loading={pause.isPending}
        title={paused ? undefined : t('queue.pauseHint')}
        onClick={() => pause.mutate(!paused)}
      >
        {paused ? t('queue.resume') : t('queue.pause')}
      </Button>
    </Flex>
  )
}

/** "No. 3 in the queue, starts about 14:05". */
export function QueuePlace(props: { position: number; estimatedStart: string | null }) {
  const { position, estimatedStart } = props
  const { t } = useTranslation()
  const { integer, soon } = useFormats()
  return (
    <span className="muted">
      {t('queue.position', { position: integer(position) })}
      {estimatedStart !== null && <>, {t('queue.starts', { time: soon(estimatedStart) })}</>}
    </span>
  )
}
