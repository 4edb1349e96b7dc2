import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { InSpace } from './InSpace'
import { placesOf, type Tiers } from './space'
import { TopologyPicture } from './TopologyPicture'
import { type View, ViewChoice } from './ViewChoice'

/** A cluster as boxes in boxes, or in space. */
export function TopologyFigure({ tiers }: { tiers: Tiers }) {
  const { t } = useTranslation()
  const [view, setView] = useState<View>('plane')
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
      <ViewChoice view={view} onView={setView} />
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
