import * as v from 'valibot'
import { taskSortValues, taskStateValues } from '@/api/schema.gen'
import type { PlanId } from '@/api/types'

/** What an address says of one thing; nonsense in it is passed over. */
const known = <T extends v.GenericSchema>(schema: T) => v.fallback(v.optional(schema), undefined)

const text = known(v.pipe(v.string(), v.nonEmpty()))
const count = known(v.pipe(v.number(), v.integer(), v.minValue(1)))
const factor = known(v.pipe(v.number(), v.finite(), v.gtValue(0)))
const flag = known(v.literal(true))

export const sortColumns = [
  'rank',
  'chips',
  'batch_size',
  'throughput',
  'tps_per_chip',
  'ttft',
  'tpot',
  'mfu',
  'mbu',
  'memory',
  'score',
] as const
export type SortColumn = (typeof sortColumns)[number]

export const sweepMetrics = ['tps_per_chip', 'throughput', 'ttft', 'tpot', 'cost'] as const
export type SweepMetric = (typeof sweepMetrics)[number]

export const planTabs = [
  'time',
  'roofline',
  'memory',
  'traffic',
  'sensitivity',
  'what_if',
  'cost',
  'placement',
  'timeline',
  'requests',
  'certainty',
] as const
export type PlanTab = (typeof planTabs)[number]

/** What a result shows. */
export const resultSearch = v.object({
  /** The rank of the plan selected. */
  plan: count,
  /** Of all points, the one selected: "dp-tp-pp-ep-sp-moe_tp-dcp@concurrency". */
  point: text,
  /** What is shown of it. */
  tab: known(v.picklist(planTabs)),
  sort: known(v.picklist(sortColumns)),
  desc: flag,
  /** The horizontal axis of the scatter. */
  axis: known(v.literal('tpot')),
  /** What a sweep's chart is of. */
  metric: known(v.picklist(sweepMetrics)),
  reason: text,
})
export type ResultSearch = v.InferOutput<typeof resultSearch>

/** Whether a change chooses another plan: a step that Back undoes, as no other change of a result. */
export function isChoice(now: ResultSearch, change: Partial<ResultSearch>): boolean {
  return (['plan', 'point'] as const).some(
    (name) => change[name] !== undefined && change[name] !== now[name],
  )
}

const day = known(v.pipe(v.string(), v.isoDate()))

const state = v.picklist(taskStateValues)

/** From which day on: today, or so many days with today. */
export const sinceValues = ['today', 'week', 'month'] as const
export type Since = (typeof sinceValues)[number]

/** Which tasks the history shows, and in what order: by default the newest first. */
export const historySearch = v.object({
  /** Any of these; all when there is none. */
  status: known(
    v.union([
      v.pipe(v.array(state), v.nonEmpty()),
      v.pipe(
        state,
        v.transform((one) => [one]),
      ),
    ]),
  ),
  text,
  since: known(v.picklist(sinceValues)),
  /** In place of `since`: the first and the last day, as the reader's clock has them. */
  from: day,
  to: day,
  by: known(v.picklist(taskSortValues)),
  ascending: flag,
})
export type HistorySearch = v.InferOutput<typeof historySearch>

/** The analysis page: the task whose result is open, and the filter of the history. */
export const analysisSearch = v.object({
  ...resultSearch.entries,
  ...historySearch.entries,
  task: text,
  /** What was typed into the question bar beyond the question of the task, or of the start. */
  draft: known(v.union([v.record(v.string(), v.unknown()), v.literal('kept')])),
  /** The saved question that it began as. */
  saved: text,
})
export type AnalysisSearch = v.InferOutput<typeof analysisSearch>

export function planId(text: string): PlanId | undefined {
  const [task_id, rank = '1'] = text.split(':')
  const place = Number(rank)
  return task_id && Number.isInteger(place) && place > 0 ? { task_id, rank: place } : undefined
}

/** Plans side by side: "task:rank" each. */
export const compareSearch = v.object({
  /** The plan that the others are measured against: the first where it is not one of them. */
  base: text,
  plans: v.pipe(
    v.fallback(v.union([v.array(v.unknown()), v.string()]), []),
    v.transform((plans) =>
      [plans].flat().filter((one): one is string => typeof one === 'string' && !!planId(one)),
    ),
  ),
})

export type CompareSearch = v.InferOutput<typeof compareSearch>

/** A what-if: the deployment, its load, and factors on two figures of the chip. */
export const whatIfSearch = v.object({
  model: text,
  chip: text,
  topology: text,
  batch: count,
  input: count,
  output: count,
  bandwidth: factor,
  flops: factor,
})
export type WhatIfSearch = v.InferOutput<typeof whatIfSearch>

export const experimentsSearch = v.object({ name: text })

export const catalogueKinds = ['models', 'chips', 'topologies', 'calibrations', 'support'] as const
export type CatalogueKind = (typeof catalogueKinds)[number]

/** What of the catalogue is shown: its kind, the words searched for, the order, the entry opened. */
export const catalogueSearch = v.object({
  kind: known(v.picklist(catalogueKinds)),
  text,
  by: text,
  desc: flag,
  entry: text,
  engine: text,
})
export type CatalogueSearch = v.InferOutput<typeof catalogueSearch>
