import { Segmented } from 'antd'
import { useTranslation } from 'react-i18next'

export type View = 'plane' | 'space'

/** Whether a cluster is drawn flat or in space. */
export function ViewChoice({ view, onView }: { view: View; onView: (view: View) => void }) {
  const { t } = useTranslation()
  return (
    <Segmented<View>
      size="small"
      aria-label={t('topology.view')}
      value={view}
      onChange={onView}
      options={[
        { value: 'plane', label: t('topology.plane') },
        { value: 'space', label: t('topology.space') },
      ]}
    />
  )
}
