import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Effect, Sensitivity } from '@/api/types'
import { Chart } from '@/charts/Chart'
import { ChartFrame } from '@/charts/ChartFrame'
import { usePalette } from '@/charts/palette'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import {
  effectMetrics,
  effectRowHeight,
  sensitivityOption,
  shownEffects,
} from './sensitivityOption'
import { useFigureNames } from './useFigureNames'

function EffectsTable({ effects }: { effects: readonly Effect[] }) {
  const { t } = useTranslation()
  const { percentChange: change } = useFormats()
  const names = useFigureNames()
  const columns: readonly Column<Effect>[] = [
    { key: 'figure', title: t('figures.figure'), render: ({ figure }) => names.name(figure) },
    numeric('value', t('figures.value'), ({ value, unit }) => names.amount(value, unit)),
    ...effectMetrics.map((metric) =>
      numeric(metric, t(`result.${metric}`), (effect: Effect) => change(effect[metric])),
    ),
  ]
  return (
    <DataTable
      caption={t('figures.sensitivity')}
      columns={columns}
      rows={effects}
      rowKey={({ figure }) => figure}
    />
  )
}

/** What each figure depends on most, and what memory leaves room for, in sentences. */
function Bottlenecks({ sensitivity }: { sensitivity: Sensitivity }) {
  const { t } = useTranslation()
  const { percentChange: change, integer, gb } = useFormats()
  const { name } = useFigureNames()
  const { bottleneck, memory } = sensitivity
  return (
    <ul>
      {effectMetrics.map((metric) => (
        <li key={metric}>
          {t('figures.bottleneck', {
            metric: t(`result.${metric}`),
            figure: name(bottleneck[metric].figure),
            effect: change(bottleneck[metric].effect),
          })}
        </li>
      ))}
      <li>
        {t('figures.headroom', {
          headroom: gb(memory.headroom_gb),
          usable: gb(memory.usable_gb),
          most: integer(memory.max_batch_size),
          more: integer(memory.max_batch_size_with_one_percent_more),
        })}
      </li>
    </ul>
  )
}

/** By how much the plan's figures move when one figure of the hardware grows by 1 %. */
export function PlanSensitivity({ sensitivity }: { sensitivity: Sensitivity }) {
  const { t } = useTranslation()
  const { percentChange: change } = useFormats()
  const { name } = useFigureNames()
  const palette = usePalette()
  const effects = useMemo(() => shownEffects(sensitivity.effects), [sensitivity])
  const option = sensitivityOption(effects, palette, {
    figure: name,
    metric: (metric) => t(`result.${metric}`),
    change,
  })
  return (
    <div className="panel">
      <Bottlenecks sensitivity={sensitivity} />
      <ChartFrame
        title={t('figures.sensitivity')}
        hint={t('figures.sensitivityHint')}
        chart={
          <Chart
            label={t('figures.sensitivity')}
            option={option}
            height={effects.length * effectRowHeight + 34}
          />
        }
        table={<EffectsTable effects={effects} />}
      />
    </div>
  )
}
