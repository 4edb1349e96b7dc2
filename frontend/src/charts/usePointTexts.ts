import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Points } from '@/api/points'
import { compactPlan } from '@/compactPlan'
import { useFormats } from '@/i18n/useFormats'
import { figureAt, type PointFigure, parallelismOf } from './pointSet'

const described = [
  'chips',
  'batch_size',
  'tps_per_chip',
  'user',
  'ttft',
  'tpot',
  'probability',
] as const

/** What figures of points are called, how their values are written, and all of a point in lines. */
export function usePointTexts() {
  const { t } = useTranslation()
  const { figure, integer, probability } = useFormats()
  return useMemo(() => {
    const name = (of: PointFigure) => t(`workspace.figure_${of}`)
    const value = (of: PointFigure, value: number) => {
      if (Number.isNaN(value)) return '–'
      if (of === 'chips' || of === 'batch_size') return integer(value)
      return of === 'probability' ? probability(value) : figure(value)
    }
    const point = (points: Points, at: number) =>
      [
        compactPlan(parallelismOf(points, at)),
        ...described.map((of) => `${name(of)}: ${value(of, figureAt(points, of, at))}`),
      ].join('\n')
    return { name, value, point }
  }, [t, figure, integer, probability])
}
