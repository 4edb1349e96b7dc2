import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Explanation } from '@/api/explain'
import { Chart } from '@/charts/Chart'
import { ChartFrame } from '@/charts/ChartFrame'
import { usePalette } from '@/charts/palette'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import { useServiceNames } from '@/i18n/useServiceNames'
import { rooflineOption, workingOperators } from './rooflineOption'

type Phase = Explanation['phases'][number]
type Operator = Phase['operators'][number]

function OperatorsTable({ title, operators }: { title: string; operators: readonly Operator[] }) {
  const { t } = useTranslation()
  const { figure, percent } = useFormats()
  const names = useServiceNames()
  const reach = (value: number | null | undefined) => (value == null ? '–' : percent(value))
  const columns: readonly Column<Operator>[] = [
    { key: 'operator', title: t('result.operator'), render: ({ name }) => names.operator(name) },
    numeric('time', t('result.time'), ({ time_ms }) => figure(time_ms), { unit: 'ms' }),
    numeric('flops', t('workspace.work'), ({ flops }) => figure((flops ?? 0) / 1e9), {
      unit: 'GFLOP',
    }),
    numeric('bytes', t('workspace.bytes'), ({ bytes }) => figure((bytes ?? 0) / 1e9), {
      unit: 'GB',
    }),
    numeric('intensity', t('workspace.intensity'), ({ intensity }) =>
      intensity == null ? '–' : figure(intensity),
    ),
    numeric('compute', t('workspace.ofPeak'), ({ compute_reach }) => reach(compute_reach)),
    numeric('memory', t('workspace.ofBandwidth'), ({ memory_reach }) => reach(memory_reach)),
  ]
  return (
    <DataTable
      caption={title}
      columns={columns}
      rows={operators}
      rowKey={({ name, cause }) => `${name} ${cause}`}
    />
  )
}

function RooflineOfPhase({ phase }: { phase: Phase }) {
  const { t } = useTranslation()
  const { figure, percent, ms } = useFormats()
  const palette = usePalette()
  const names = useServiceNames()
  const title = `${t('workspace.tab_roofline')}: ${t(`result.${phase.phase}`)}`
  const operators = useMemo(() => workingOperators(phase), [phase])
  const option = useMemo(
    () =>
      rooflineOption(phase, palette, {
        intensity: t('workspace.intensityAxis'),
        speed: t('workspace.speedAxis'),
        figure,
        describe: (operator) =>
          [
            names.operator(operator.name),
            ms(operator.time_ms),
            `${t('workspace.intensity')}: ${figure(operator.intensity ?? 0)}`,
            `${t('workspace.ofPeak')}: ${percent(operator.compute_reach ?? 0)}`,
            `${t('workspace.ofBandwidth')}: ${percent(operator.memory_reach ?? 0)}`,
          ].join('\n'),
      }),
    [phase, palette, figure, percent, ms, names, t],
  )
  return (
    <ChartFrame
      title={title}
      hint={t('workspace.rooflineHint')}
      chart={<Chart label={title} option={option} height={280} />}
      table={<OperatorsTable title={title} operators={operators} />}
    />
  )
}

/** Every operator of both phases under the data sheet's roofline. */
export function RooflineOfPlan({ explanation }: { explanation: Explanation }) {
  return explanation.phases.map((phase) => <RooflineOfPhase key={phase.phase} phase={phase} />)
}
