import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Objective, TradeOff, TradeOffs } from '@/api/types'
import { Chart } from '@/charts/Chart'
import { ChartFrame } from '@/charts/ChartFrame'
import { usePalette } from '@/charts/palette'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import { frontOption } from './frontOption'
import { isObjective, objectiveFigure } from './objectives'
import { planTitle } from './planText'

type FrontProps = { points: readonly TradeOff[]; objectives: readonly Objective[] }

const pointKey = (point: TradeOff) =>
  `${point.serving} ${planTitle(point)} ${point.chips} ${point.batch_size} ${point.scores.join()}`

function FrontTable({ points, objectives }: FrontProps) {
  const { t } = useTranslation()
  const { integer, figure } = useFormats()
  const columns: readonly Column<TradeOff>[] = [
    {
      key: 'serving',
      title: t('form.serving'),
      render: ({ serving }) => t(`form.serving_${serving}`),
    },
    { key: 'plan', title: t('result.plan'), render: planTitle },
    numeric('c', t('result.chips'), ({ chips }) => integer(chips)),
    numeric('batch', t('form.batchSize'), ({ batch_size }) => integer(batch_size)),
    ...objectives
      .filter((objective) => objective !== 'chips')
      .map((objective) =>
        numeric(objective, t(`figures.of_${objective}`), (point: TradeOff) => {
          const value = objectiveFigure(point, objective)
          return value === null ? '–' : figure(value)
        }),
      ),
  ]
  return (
    <DataTable
      tall
      caption={t('figures.tradeOffs')}
      columns={columns}
      rows={points}
      rowKey={pointKey}
    />
  )
}

function FrontChart({ points, objectives }: FrontProps) {
  const { t } = useTranslation()
  const { figure, integer } = useFormats()
  const palette = usePalette()
  const [first, second] = objectives
  if (first === undefined || second === undefined) return null
  const describe = (point: TradeOff) =>
    [
      planTitle(point),
      `${t('result.chips')}: ${integer(point.chips)}`,
      `${t('form.batchSize')}: ${integer(point.batch_size)}`,
      ...objectives.flatMap((objective) => {
        const value = objectiveFigure(point, objective)
        return value === null ? [] : [`${t(`figures.of_${objective}`)}: ${figure(value)}`]
      }),
    ].join('\n')
  const option = frontOption(points, [first, second], palette, {
    objective: (objective) => t(`figures.of_${objective}`),
    serving: (serving) => t(`form.serving_${serving}`),
    figure,
    describe,
  })
  return <Chart label={t('figures.tradeOffs')} option={option} height={320} />
}

/** The deployments no other beats in all of the objectives asked for. */
export function TradeOffFront({ tradeOffs }: { tradeOffs: TradeOffs }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const objectives = useMemo(() => tradeOffs.objectives.filter(isObjective), [tradeOffs])
  const { points } = tradeOffs
  return (
    <div className="panel">
      {points.length === 0 ? (
        <p className="hint">{t('figures.noTradeOffs')}</p>
      ) : (
        <ChartFrame
          level="h3"
          title={t('figures.tradeOffs')}
          hint={t('figures.tradeOffsHint', { total: integer(points.length) })}
          chart={<FrontChart points={points} objectives={objectives} />}
          table={<FrontTable points={points} objectives={objectives} />}
        />
      )}
    </div>
  )
}
