import { Segmented } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { InSpace } from './InSpace'
import { placesOf, type Tiers } from './space'
import { TopologyPicture } from './TopologyPicture'

/** A cluster as boxes in boxes, or in space. */
export function TopologyFigure({ tiers }: { tiers: Tiers }) {
  const { t } = useTranslation()
  const [view, setView] = useState<'plane' | 'space'>('plane')
  const { pods, racks_per_pod, boards_per_rack, chips_per_board } = tiers
  const places = useMemo(
    () => placesOf({ pods, racks_per_pod, boards_per_rack, chips_per_board }),
    [pods, racks_per_pod, boards_per_rack, chips_per_board],
  )
  const label = t('form.tiers', {
    pods,
    racks: racks_per_pod,
    boards: boards_per_rack,
    chips: chips_per_board,
  })
  return (
    <div className="topology-figure">
      <Segmented
        size="small"
        aria-label={t('topology.view')}
        value={view}
        onChange={setView}
        options={[
          { value: 'plane' as const, label: t('topology.plane') },
          { value: 'space' as const, label: t('topology.space') },
        ]}
      />
      {view === 'plane' ? (
        <TopologyPicture topology={tiers} label={label} />
      ) : (
        <>
          <InSpace tiers={tiers} places={places} label={label} />
          <p className="hint">{t('topology.turn')}</p>
        </>
      )}
    </div>
  )
}
