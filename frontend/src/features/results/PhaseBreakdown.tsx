import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { OperatorTime, Phase } from '@/api/types'
import { Chart } from '@/charts/Chart'
import { ChartFrame } from '@/charts/ChartFrame'
import { kindColor, kinds, operatorsByTime, timeOf } from '@/charts/kinds'
import { usePalette } from '@/charts/palette'
import { ShareBar } from '@/charts/ShareBar'
import { timeBarHeight, timeBarsOption } from '@/charts/timeBars'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import { useServiceNames } from '@/i18n/useServiceNames'

function OperatorTable(props: { title: string; phase: Phase; operators: readonly OperatorTime[] }) {
  const { title, phase, operators } = props
  const { t } = useTranslation()
  const { figure, percent } = useFormats()
  const names = useServiceNames()
  const columns: readonly Column<OperatorTime>[] = [
    { key: 'operator', title: t('result.operator'), render: ({ name }) => names.operator(name) },
    numeric('time', t('result.time'), ({ time_ms }) => figure(time_ms), { unit: 'ms' }),
    numeric('share', t('result.share'), ({ time_ms }) => percent(time_ms / phase.total_ms)),
    ...kinds.map((kind) =>
      numeric(
        kind,
        t(`result.kind_${kind}`),
        (each: OperatorTime) => (timeOf(each, kind) === 0 ? '–' : figure(timeOf(each, kind))),
        { unit: 'ms' },
      ),
    ),
  ]
  const totals = (
    <tr>
      <th scope="row">{t('result.total')}</th>
      <td className="numeric">{figure(phase.total_ms)}</td>
      <td className="numeric">{percent(1)}</td>
      {kinds.map((kind) => (
        <td key={kind} className="numeric">
          {timeOf(phase, kind) === 0 ? '–' : figure(timeOf(phase, kind))}
        </td>
      ))}
    </tr>
  )
  return (
    <DataTable
      caption={title}
      columns={columns}
      rows={operators}
      rowKey={({ name }) => name}
      footer={totals}
    />
  )
}

/** One serving phase of one plan: its time by cause and by operator. */
export function PhaseBreakdown(props: { title: string; phase: Phase }) {
  const { title, phase } = props
  const { t } = useTranslation()
  const formats = useFormats()
  const palette = usePalette()
  const names = useServiceNames()
  const operators = useMemo(() => operatorsByTime(phase), [phase])
  const option = useMemo(
    () =>
      timeBarsOption(operators, palette, {
        row: names.operator,
        kind: (kind) => t(`result.kind_${kind}`),
        ms: formats.ms,
      }),
    [operators, palette, formats, names, t],
  )
  const shares = kinds
    .filter((kind) => timeOf(phase, kind) > 0)
    .map((kind) => ({
      key: kind,
      label: t(`result.kind_${kind}`),
      value: timeOf(phase, kind),
      color: kindColor(palette, kind),
    }))
  const spoken = operators
    .slice(0, 3)
    .map(({ name, time_ms }) => `${names.operator(name)} ${formats.ms(time_ms)}`)
    .join(', ')
  return (
    <ChartFrame
      title={`${title}: ${formats.ms(phase.total_ms)}`}
      chart={
        <>
          <ShareBar
            label={`${title}, ${t('result.byKind')}`}
            shares={shares}
            whole={phase.total_ms}
            format={formats.ms}
            percent={formats.percent}
          />
          <Chart
            label={`${title}, ${t('result.byOperator')}: ${spoken}`}
            option={option}
            height={operators.length * timeBarHeight + 34}
          />
        </>
      }
      table={<OperatorTable title={title} phase={phase} operators={operators} />}
    />
  )
}
