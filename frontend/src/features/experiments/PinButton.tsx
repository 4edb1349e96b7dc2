import { PushpinFilled, PushpinOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Experiment } from '@/api/types'
import { useExperimentActions } from './useExperimentActions'

/** Pinned experiments stand first, and nothing old of them is removed. */
export function PinButton({ experiment }: { experiment: Experiment }) {
  const { t } = useTranslation()
  const { change } = useExperimentActions()
  const { id, name, pinned } = experiment
  return (
    <Button
      type="text"
      size="small"
      icon={pinned ? <PushpinFilled /> : <PushpinOutlined />}
      aria-pressed={pinned}
      aria-label={t('experiments.pin', { name })}
      title={t('experiments.pinHint')}
      onClick={() => change.mutate({ id, pinned: !pinned })}
    />
  )
}
