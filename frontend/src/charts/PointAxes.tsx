import { Checkbox, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { type PointFigure, pointFigures } from './pointSet'
import { usePointTexts } from './usePointTexts'

/** What points are drawn by. */
export interface Axes {
  readonly x: PointFigure
  readonly y: PointFigure
  readonly isLog: boolean
}

/** Throughput of a chip against interactivity. */
export const usualAxes: Axes = { x: 'user', y: 'tps_per_chip', isLog: false }

/** Choices of both axes. */
export function PointAxes({ axes, onAxes }: { axes: Axes; onAxes: (axes: Axes) => void }) {
  const { t } = useTranslation()
  const { name } = usePointTexts()
  const axis = (which: 'x' | 'y') => (
    <Select<PointFigure>
      size="small"
      aria-label={t(`workspace.axis_${which}`)}
      popupMatchSelectWidth={false}
      value={axes[which]}
      onChange={(chosen) => onAxes({ ...axes, [which]: chosen })}
      options={pointFigures.map((value) => ({ value, label: name(value) }))}
    />
  )
  return (
    <>
      {axis('y')}
      <span className="muted">{t('workspace.against')}</span>
      {axis('x')}
      <Checkbox
        checked={axes.isLog}
        onChange={({ target }) => onAxes({ ...axes, isLog: target.checked })}
      >
        {t('workspace.log')}
      </Checkbox>
    </>
  )
}
