import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useNotices } from '@/components/Notices'
import { isFinished } from '@/events/liveTasks'
import { useLiveTasks } from './useLiveTasks'

/** Says once, after the page has loaded, how many tasks were found running. */
export function useRestoredNotice(): void {
  const message = useNotices()
  const { t } = useTranslation()
  const { data } = useLiveTasks()
  const told = useRef(false)
  useEffect(() => {
    if (data === undefined || told.current) return
    told.current = true
    const count = data.filter(({ status }) => !isFinished(status)).length
    if (count > 0) message.info(t('notice.restored', { count }), 5)
  }, [data, message, t])
}
