import { Segmented } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Plan } from '@/api/types'
import { Chart } from '@/charts/Chart'
import { ChartFrame } from '@/charts/ChartFrame'
import { usePalette } from '@/charts/palette'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import type { ResultSearch } from '@/searchParams'
import { type Interval, intervalOf, perChipInterval, perUserInterval } from './certainty'
import { type ScatterAxis, scatterOption } from './chartOptions'
import { Estimate } from './Estimate'
import { PlanName } from './PlanName'
import { planTitle, tokensPerSecondOfUser } from './planText'

interface TradeoffProps {
  plans: readonly Plan[]
  selected: Plan | undefined
  axis: ScatterAxis
  onSearch: (change: Partial<ResultSearch>) => void
}

function TradeoffTable({ plans, selected, onSearch }: TradeoffProps) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const columns: readonly Column<Plan>[] = [
    numeric('rank', t('result.rank'), ({ rank }) => integer(rank)),
    {
      key: 'plan',
      title: t('result.plan'),
      render: (plan) => (
        <PlanName
          plan={plan}
          selected={plan.rank === selected?.rank}
          onSelect={() => onSearch({ plan: plan.rank })}
        />
      ),
    },
    numeric(
      'tpot',
      'TPOT',
      (plan) => <Estimate value={plan.tpot} interval={intervalOf(plan, 'tpot')} />,
      { unit: 'ms' },
    ),
    numeric(
      'user',
      t('result.perUser'),
      (plan) => <Estimate value={tokensPerSecondOfUser(plan)} interval={perUserInterval(plan)} />,
      { unit: 'tokens/s' },
    ),
    numeric(
      'chip',
      t('result.perChip'),
      (plan) => <Estimate value={plan.tps_per_chip} interval={perChipInterval(plan)} />,
      { unit: 'tokens/s' },
    ),
  ]
  return (
    <DataTable
      caption={t('result.tradeoff')}
      columns={columns}
      rows={plans}
      rowKey={({ rank }) => String(rank)}
      selectedKey={selected === undefined ? undefined : String(selected.rank)}
      onSelect={({ rank }) => onSearch({ plan: rank })}
    />
  )
}

/** All returned plans between the two things one cannot both have. */
export function Tradeoff(props: TradeoffProps) {
  const { plans, selected, axis, onSearch } = props
  const { t } = useTranslation()
  const formats = useFormats()
  const palette = usePalette()
  const option = useMemo(
    () =>
      scatterOption(plans, selected, axis, palette, {
        horizontal: t(axis === 'tpot' ? 'result.tpotAxis' : 'result.perUserAxis'),
        vertical: t('result.perChipAxis'),
        figure: formats.figure,
        describe: (plan) => {
          const within = (interval: Interval | undefined) =>
            interval === undefined ? '' : ` (${formats.range(...interval)})`
          return [
            `#${plan.rank} ${planTitle(plan)}`,
            `${t('result.perChip')}: ${formats.rate(plan.tps_per_chip)}${within(perChipInterval(plan))}`,
            `TPOT: ${formats.ms(plan.tpot)}${within(intervalOf(plan, 'tpot'))}`,
            `TTFT: ${formats.ms(plan.ttft)}${within(intervalOf(plan, 'ttft'))}`,
          ].join('\n')
        },
      }),
    [plans, selected, axis, palette, formats, t],
  )
  const select = (index: number) => {
    const plan = plans[index]
    if (plan !== undefined) onSearch({ plan: plan.rank })
  }
  const hints = [
    ...(axis === 'user' ? [t('result.tradeoffHint')] : []),
    ...(selected && perChipInterval(selected) ? [t('result.tradeoffInterval')] : []),
  ]
  return (
    <ChartFrame
      level="h3"
      title={t('result.tradeoff')}
      hint={hints.length === 0 ? undefined : hints.join(' ')}
      tools={
        <Segmented<ScatterAxis>
          size="small"
          aria-label={t('result.axis')}
          value={axis}
          onChange={(chosen) => onSearch({ axis: chosen === 'tpot' ? 'tpot' : undefined })}
          options={[
            { value: 'user', label: t('result.axis_user') },
            { value: 'tpot', label: t('result.axis_tpot') },
          ]}
        />
      }
      chart={<Chart label={t('result.tradeoff')} option={option} height={300} onItem={select} />}
      table={<TradeoffTable {...props} />}
    />
  )
}
