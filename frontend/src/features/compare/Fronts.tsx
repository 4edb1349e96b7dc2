import { useQueries } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Points, pointsQuery } from '@/api/points'
import type { Comparison } from '@/api/types'
import { ChartFrame } from '@/charts/ChartFrame'
import { PointAxes, usualAxes } from '@/charts/PointAxes'
import { PointsCanvas } from '@/charts/PointsCanvas'
import { usePalette } from '@/charts/palette'
import { figureAt, type PointFigure, parallelismOf, pointKey } from '@/charts/pointSet'
import { usePointTexts } from '@/charts/usePointTexts'
import { compactPlan, planTitle } from '@/compactPlan'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { LoadingLines } from '@/components/PageStates'
import { useFormats } from '@/i18n/useFormats'
import { figureOfPlan, overlaid } from './overlay'
import { isColorUsed, planColor, planVariable } from './planColor'

/** A task that plans were compared of, with the columns they stand in. */
interface Task {
  readonly id: string
  readonly columns: readonly number[]
  readonly points: Points
}

interface FrontPoint {
  readonly key: string
  readonly task: Task
  readonly point: number
}

/** The points of each compared task; undefined until all of them are there. */
function useTasks({ results }: Comparison): readonly Task[] | undefined {
  const ids = [...new Set(results.map(({ task_id }) => task_id))]
  return useQueries({
    queries: ids.map((id) => pointsQuery(id)),
    combine: (answers) =>
      answers.some(({ isPending }) => isPending)
        ? undefined
        : ids.flatMap((id, place) => {
            const points = answers[place]?.data
            const columns = results.flatMap(({ task_id }, at) => (task_id === id ? [at] : []))
            return points === undefined ? [] : [{ id, columns, points }]
          }),
  })
}

const columnsOf = ({ columns }: Task) => columns.map((at) => at + 1).join(', ')

function FrontTable({ caption, rows }: { caption: string; rows: readonly FrontPoint[] }) {
  const { t } = useTranslation()
  const texts = usePointTexts()
  const figures: readonly PointFigure[] = ['tps_per_chip', 'user', 'ttft', 'chips', 'batch_size']
  const columns: readonly Column<FrontPoint>[] = [
    {
      key: 'column',
      title: t('compare.column'),
      names: true,
      render: ({ task }) => columnsOf(task),
    },
    {
      key: 'plan',
      title: t('result.plan'),
      render: ({ task, point }) => compactPlan(parallelismOf(task.points, point)),
    },
    ...figures.map((figure) =>
      numeric(figure, texts.name(figure), ({ task, point }: FrontPoint) =>
        texts.value(figure, figureAt(task.points, figure, point)),
      ),
    ),
  ]
  return (
    <DataTable caption={caption} columns={columns} rows={rows} rowKey={({ key }) => key} tall />
  )
}

/** Which colour is whose, and whose points were not kept. */
function Legend({ comparison, tasks }: { comparison: Comparison; tasks: readonly Task[] }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  return (
    <ul className="kinds">
      {comparison.results.map((result, at) => {
        const task = tasks.find(({ id }) => id === result.task_id)
        return (
          <li key={`${result.task_id}:${result.rank}`}>
            <span style={{ background: planVariable(at) }} aria-hidden="true" />
            {at + 1} {planTitle(result)} · {result.experiment_name}{' '}
            <span className="note">
              {task === undefined || task.points.count === 0
                ? t('compare.noPoints')
                : t('compare.pointsOf', { points: integer(task.points.feasible) })}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

function Overlay({ comparison, tasks }: { comparison: Comparison; tasks: readonly Task[] }) {
  const { t } = useTranslation()
  const { figure } = useFormats()
  const texts = usePointTexts()
  const palette = usePalette()
  const navigate = useNavigate()
  const [axes, setAxes] = useState(usualAxes)
  const all = useMemo(() => {
    const plans = comparison.results.map((_, at) => ({
      x: figureOfPlan(comparison, at, axes.x),
      y: figureOfPlan(comparison, at, axes.y),
    }))
    return overlaid(
      tasks.map(({ points }) => points),
      plans,
      axes,
    )
  }, [comparison, tasks, axes])
  const series = useMemo(
    () =>
      all.parts.map(({ from, to, front }, part) => {
        const at = tasks[part]?.columns[0] ?? 0
        const color = planColor(palette, at)
        const line = Array.from({ length: front }, (_, place) => from + place)
        return { color, line: color, isDashed: isColorUsed(at), from, to, front: line }
      }),
    [all, tasks, palette],
  )
  const marks = useMemo(() => {
    const first = all.x.length - comparison.results.length
    return comparison.results.flatMap((_, at) =>
      Number.isFinite(all.x[first + at]) && Number.isFinite(all.y[first + at])
        ? [{ point: first + at, color: planColor(palette, at), label: String(at + 1) }]
        : [],
    )
  }, [all, comparison, palette])
  const rows: readonly FrontPoint[] = useMemo(
    () =>
      all.parts.flatMap(({ from, front }, part) =>
        Array.from({ length: front }, (_, place) => all.sourceOf(from + place)).flatMap(
          (source) => {
            const task = tasks[part]
            return task === undefined || !('point' in source)
              ? []
              : [{ key: `${part} ${source.point}`, task, point: source.point }]
          },
        ),
      ),
    [all, tasks],
  )
  const describe = (at: number) => {
    const source = all.sourceOf(at)
    if ('plan' in source) {
      const result = comparison.results[source.plan]
      return result === undefined
        ? ''
        : `${source.plan + 1} ${planTitle(result)}\n${result.experiment_name}`
    }
    const task = tasks[source.part]
    return task === undefined
      ? ''
      : `${columnsOf(task)} · ${texts.point(task.points, source.point)}`
  }
  const opened = (taskId: string, search: { plan: number } | { point: string }) =>
    void navigate({ to: '/results/$taskId', params: { taskId }, search })
  const open = (at: number) => {
    const source = all.sourceOf(at)
    if ('plan' in source) {
      const result = comparison.results[source.plan]
      if (result !== undefined) opened(result.task_id, { plan: result.rank })
      return
    }
    const task = tasks[source.part]
    if (task !== undefined) opened(task.id, { point: pointKey(task.points, source.point) })
  }
  const title = t('compare.fronts')
  const [across, up] = [texts.name(axes.x), texts.name(axes.y)]
  const x = useMemo(
    () => ({ title: across, values: all.x, isLog: axes.isLog }),
    [across, all, axes.isLog],
  )
  const y = useMemo(() => ({ title: up, values: all.y, isLog: axes.isLog }), [up, all, axes.isLog])
  const spoken = comparison.results.map((result, at) => `${at + 1} ${planTitle(result)}`).join(', ')
  return (
    <section className="panel">
      <ChartFrame
        level="h3"
        drawn="canvas"
        title={title}
        hint={t('compare.frontsHint')}
        tools={<PointAxes axes={axes} onAxes={setAxes} />}
        chart={
          <>
            <PointsCanvas
              label={`${t('workspace.pointsOf', { y: up, x: across })}: ${spoken}`}
              x={x}
              y={y}
              series={series}
              marks={marks}
              limits={noLimits}
              height={380}
              format={figure}
              describe={describe}
              onSelect={open}
            />
            <Legend comparison={comparison} tasks={tasks} />
          </>
        }
        table={<FrontTable caption={title} rows={rows} />}
      />
    </section>
  )
}

const noLimits: readonly never[] = []

/** The feasible points of every compared task in one chart, each front in its plan's colour. */
export function Fronts({ comparison }: { comparison: Comparison }) {
  const tasks = useTasks(comparison)
  if (tasks === undefined) {
    return (
      <section className="panel">
        <LoadingLines rows={13} />
      </section>
    )
  }
  if (tasks.every(({ points }) => points.count === 0)) return null
  return <Overlay comparison={comparison} tasks={tasks} />
}
