import { useQuery } from '@tanstack/react-query'
import { Input, Select } from 'antd'
import { type ReactNode, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { pointsCsvAddress } from '@/api/exports'
import { type Points, pointsQuery } from '@/api/points'
import { ChartFrame } from '@/charts/ChartFrame'
import { type Axes, PointAxes, usualAxes } from '@/charts/PointAxes'
import { type Box, PointsCanvas } from '@/charts/PointsCanvas'
import { usePalette } from '@/charts/palette'
import {
  betterOf,
  figureAt,
  figureOf,
  filterOf,
  frontOf,
  type PointFigure,
  parallelismOf,
  pointFigures,
  pointKey,
  pointOfKey,
  pointsCsv,
  rowsOf,
} from '@/charts/pointSet'
import { usePointTexts } from '@/charts/usePointTexts'
import { compactPlan } from '@/compactPlan'
import { PageLoading } from '@/components/PageStates'
import { useFormats } from '@/i18n/useFormats'
import type { ResultSearch } from '@/searchParams'
import type { Question } from './question'
import { type RowColumn, RowTable } from './RowTable'
import './AllPoints.css'

interface AllPointsProps {
  taskId: string
  /** Of the point chosen. */
  chosen: string | undefined
  question: Question
  onSearch: (change: Partial<ResultSearch>) => void
}

const tableHeight = 380
const chartHeight = 340

interface TableProps {
  points: Points
  rows: readonly number[]
  sorting: { column: PointFigure | 'plan'; descending: boolean }
  onSort: (column: PointFigure | 'plan') => void
  selected: number | undefined
  onSelect: (point: number) => void
  shown: readonly PointFigure[]
}

function PointsTable({ points, rows, sorting, onSort, selected, onSelect, shown }: TableProps) {
  const { t } = useTranslation()
  const texts = usePointTexts()
  const plan = (point: number) => compactPlan(parallelismOf(points, point))
  const columns: readonly RowColumn<PointFigure | 'plan'>[] = [
    { key: 'plan', title: t('result.plan'), text: plan },
    ...shown.map((figure) => ({
      key: figure,
      title: texts.name(figure),
      numeric: true,
      text: (point: number) => texts.value(figure, figureAt(points, figure, point)),
    })),
  ]
  return (
    <RowTable
      caption={t('workspace.points')}
      columns={columns}
      rows={rows}
      sorting={sorting}
      onSort={onSort}
      selected={selected}
      onSelect={onSelect}
      nameOf={(point) => plan(point)}
      height={tableHeight}
    />
  )
}

/** Limits in force, on whichever axis is theirs. */
function limitsOn(
  axis: 'x' | 'y',
  figure: PointFigure,
  { maxTtft, maxTpot }: Question,
  says: (value: number) => string,
) {
  if (figure === 'ttft' && maxTtft !== undefined) {
    return [{ axis, value: maxTtft, label: `TTFT ≤ ${says(maxTtft)}` }]
  }
  if (figure === 'tpot' && maxTpot !== undefined) {
    return [{ axis, value: maxTpot, label: `TPOT ≤ ${says(maxTpot)}` }]
  }
  if (figure === 'user' && maxTpot !== undefined) {
    return [{ axis, value: 1000 / maxTpot, label: `TPOT ≤ ${says(maxTpot)}` }]
  }
  return []
}

function Found({
  taskId,
  points,
  chosen,
  question,
  onSearch,
}: AllPointsProps & { points: Points }) {
  const { t } = useTranslation()
  const { figure, integer, ms } = useFormats()
  const { name, point: describe } = usePointTexts()
  const { accent, memory } = usePalette()
  const [axes, setAxes] = useState(usualAxes)
  const [box, setBox] = useState<Box>()
  const [text, setText] = useState('')
  const [shown, setShown] = useState<readonly PointFigure[]>([
    'tps_per_chip',
    'ttft',
    'tpot',
    'chips',
    'batch_size',
    'usd_per_million_output_tokens',
    'probability',
  ])
  const [sorting, setSorting] = useState<TableProps['sorting']>({
    column: 'tps_per_chip',
    descending: true,
  })
  const [across, up] = [name(axes.x), name(axes.y)]
  const x = useMemo(
    () => ({ title: across, values: figureOf(points, axes.x), isLog: axes.isLog }),
    [points, axes.x, axes.isLog, across],
  )
  const y = useMemo(
    () => ({ title: up, values: figureOf(points, axes.y), isLog: axes.isLog }),
    [points, axes.y, axes.isLog, up],
  )
  const front = useMemo(
    () => frontOf(x.values, y.values, { x: betterOf(axes.x), y: betterOf(axes.y) }),
    [x, y, axes],
  )
  const filter = useMemo(() => filterOf(points, text), [points, text])
  const rows = useMemo(() => {
    const by = sorting.column === 'plan' ? [] : figureOf(points, sorting.column)
    const within = { box, x: x.values, y: y.values }
    return rowsOf(points.count, filter.test, within, { by, descending: sorting.descending })
  }, [points, filter, box, x, y, sorting])
  const selected = useMemo(() => pointOfKey(points, chosen), [points, chosen])
  const series = useMemo(
    () => [{ color: accent, line: memory, from: 0, to: points.count, front }],
    [accent, memory, points, front],
  )
  const marks = useMemo(
    () => (selected === undefined ? [] : [{ point: selected, color: accent }]),
    [selected, accent],
  )
  const limits = useMemo(
    () => [...limitsOn('x', axes.x, question, ms), ...limitsOn('y', axes.y, question, ms)],
    [axes, question, ms],
  )
  const select = (point: number) => onSearch({ point: pointKey(points, point) })
  const choose = (chosen: Axes) => {
    setBox(undefined)
    setAxes(chosen)
  }
  const table = (
    <PointsTable
      points={points}
      rows={rows}
      sorting={sorting}
      onSort={(column) =>
        setSorting({
          column,
          descending:
            sorting.column === column
              ? !sorting.descending
              : column !== 'plan' && betterOf(column) === 1,
        })
      }
      selected={selected}
      onSelect={select}
      shown={shown}
    />
  )
  return (
    <section className="panel all-points">
      <ChartFrame
        level="h3"
        drawn="canvas"
        csv={() => pointsCsv(points, rows)}
        title={t('workspace.points')}
        hint={t(
          points.feasible > points.count ? 'workspace.pointsThinned' : 'workspace.pointsHint',
          {
            count: points.count,
            shown: integer(points.count),
            total: integer(points.feasible),
          },
        )}
        tools={<PointAxes axes={axes} onAxes={choose} />}
        chart={
          <PointsCanvas
            label={t('workspace.pointsOf', { y: name(axes.y), x: name(axes.x) })}
            x={x}
            y={y}
            series={series}
            marks={marks}
            limits={limits}
            box={box}
            height={chartHeight}
            format={figure}
            describe={(point) => describe(points, point)}
            onSelect={select}
            onBox={setBox}
          />
        }
        table={table}
      />
      <div className="points-filter">
        <Input
          size="small"
          allowClear
          aria-label={t('workspace.filter')}
          placeholder="tp=8 chips<=32 tpot<25"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <Select<PointFigure[]>
          mode="multiple"
          size="small"
          maxTagCount={0}
          maxTagPlaceholder={t('workspace.columns')}
          aria-label={t('workspace.columns')}
          popupMatchSelectWidth={false}
          value={[...shown]}
          onChange={setShown}
          options={pointFigures.map((value) => ({ value, label: name(value) }))}
        />
        <a href={pointsCsvAddress(taskId)} download>
          {t('workspace.pointsCsv')}
        </a>
        <span className="muted">
          {t('workspace.rows', { shown: integer(rows.length), total: integer(points.count) })}
          {filter.unknown.length > 0 &&
            ` · ${t('workspace.notUnderstood', { words: filter.unknown.join(' ') })}`}
        </span>
      </div>
      {table}
    </section>
  )
}

/** All feasible points of a search, drawn and as a table; another chart where none are kept. */
export function AllPoints(props: AllPointsProps & { otherwise: ReactNode }) {
  const { data, isPending } = useQuery(pointsQuery(props.taskId))
  if (isPending) return <PageLoading />
  if (data === undefined || data.count === 0) return props.otherwise
  return <Found {...props} points={data} />
}
