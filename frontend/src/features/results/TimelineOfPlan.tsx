import { useTranslation } from 'react-i18next'
import type { Explanation } from '@/api/explain'
import { ChartFrame } from '@/charts/ChartFrame'
import { usePalette } from '@/charts/palette'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import { useServiceNames } from '@/i18n/useServiceNames'
import './explained.css'

type Schedule = Explanation['schedules'][number]
type Span = Schedule['spans'][number]

const laneHeight = 24
const left = 96
const width = 640

/** A lane in the language of the page; stages of a pipeline are numbered. */
function useLaneNames() {
  const { t } = useTranslation()
  return (lane: string) => {
    const [, from, to] = /^stage (\d+)(?: to (\d+))?$/.exec(lane) ?? []
    if (from !== undefined) {
      return to === undefined
        ? t('workspace.laneStage', { from })
        : t('workspace.laneStages', { from, to })
    }
    return t(`workspace.lane_${lane}` as 'workspace.lane_queue', { defaultValue: lane })
  }
}

function Bars({ schedule, label }: { schedule: Schedule; label: string }) {
  const { ms } = useFormats()
  const palette = usePalette()
  const names = useServiceNames()
  const laneName = useLaneNames()
  const { lanes, spans, length_ms } = schedule
  const height = lanes.length * laneHeight + 18
  const x = (time: number) => left + ((width - left) * time) / length_ms
  return (
    <div className="chart timeline">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {lanes.map((lane, index) => (
          <text key={lane} x={0} y={index * laneHeight + 15} fill={palette.muted} fontSize={11}>
            {laneName(lane)}
          </text>
        ))}
        {spans.map((span, index) => {
          const bar = Math.max(0.5, x(span.end_ms) - x(span.start_ms))
          const name = names.operator(span.name)
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a span is known by its place alone
            <g key={index}>
              <rect
                x={x(span.start_ms)}
                y={lanes.indexOf(span.lane) * laneHeight + 2}
                width={bar}
                height={laneHeight - 5}
                rx={2}
                fill={palette[span.cause]}
              >
                <title>{`${name}${span.index == null ? '' : ` ${span.index + 1}`}: ${ms(span.end_ms - span.start_ms)}`}</title>
              </rect>
            </g>
          )
        })}
        <text x={left} y={height - 4} fill={palette.muted} fontSize={11}>
          {ms(0)}
        </text>
        <text x={width} y={height - 4} fill={palette.muted} fontSize={11} textAnchor="end">
          {ms(length_ms)}
        </text>
      </svg>
    </div>
  )
}

function SpanTable({ schedule, title }: { schedule: Schedule; title: string }) {
  const { t } = useTranslation()
  const { figure } = useFormats()
  const names = useServiceNames()
  const laneName = useLaneNames()
  type Row = Span & { readonly place: number }
  const columns: readonly Column<Row>[] = [
    { key: 'lane', title: t('workspace.lane'), render: ({ lane }) => laneName(lane) },
    { key: 'name', title: t('result.operator'), render: ({ name }) => names.operator(name) },
    numeric('start', t('workspace.start'), ({ start_ms }) => figure(start_ms), { unit: 'ms' }),
    numeric('end', t('workspace.end'), ({ end_ms }) => figure(end_ms), { unit: 'ms' }),
  ]
  return (
    <DataTable
      tall
      caption={title}
      columns={columns}
      rows={schedule.spans.map((span, place) => ({ ...span, place }))}
      rowKey={({ place }) => String(place)}
    />
  )
}

/** Who does what when: a request, a round of decoding, and one layer of each phase. */
export function TimelineOfPlan({ explanation }: { explanation: Explanation }) {
  const { t } = useTranslation()
  const { ms, integer } = useFormats()
  return explanation.schedules.map((schedule) => {
    const { name, length_ms, layer, left_out } = schedule
    const title = `${t(`workspace.schedule_${name}`)}: ${ms(length_ms)}`
    const hints = [
      ...(layer == null ? [] : [t(`workspace.layer_${layer}` as 'workspace.layer_dense')]),
      ...((left_out ?? 0) > 0
        ? [t('workspace.leftOut', { count: integer(left_out ?? 0) as never })]
        : []),
    ]
    return (
      <ChartFrame
        key={`${name} ${layer}`}
        title={title}
        hint={hints.length === 0 ? undefined : hints.join(' · ')}
        chart={<Bars schedule={schedule} label={title} />}
        table={<SpanTable schedule={schedule} title={title} />}
      />
    )
  })
}
