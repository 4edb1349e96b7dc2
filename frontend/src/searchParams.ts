import type { PlanId, TaskSort, TaskState } from '@/api/types'

const states: Record<TaskState, true> = {
  pending: true,
  running: true,
  completed: true,
  failed: true,
  cancelled: true,
}

export const taskStates = Object.keys(states) as readonly TaskState[]

function positiveInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number > 0 ? number : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

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

function isSortColumn(value: unknown): value is SortColumn {
  return sortColumns.some((column) => column === value)
}

export const sweepMetrics = ['tps_per_chip', 'throughput', 'ttft', 'tpot', 'cost'] as const
export type SweepMetric = (typeof sweepMetrics)[number]

function isSweepMetric(value: unknown): value is SweepMetric {
  return sweepMetrics.some((metric) => metric === value)
}

/**
 * What a result shows: `plan` is the rank selected, `axis` the scatter’s horizontal one, `metric`
 * what a sweep's chart is of.
 */
export interface ResultSearch {
  plan?: number | undefined
  sort?: SortColumn | undefined
  desc?: boolean | undefined
  axis?: 'tpot' | undefined
  metric?: SweepMetric | undefined
  reason?: string | undefined
}

export function resultSearch(raw: Record<string, unknown>): ResultSearch {
  return {
    plan: positiveInteger(raw.plan),
    sort: isSortColumn(raw.sort) ? raw.sort : undefined,
    desc: raw.desc === true || raw.desc === 'true' ? true : undefined,
    axis: raw.axis === 'tpot' ? 'tpot' : undefined,
    metric: isSweepMetric(raw.metric) ? raw.metric : undefined,
    reason: text(raw.reason),
  }
}

const sorts: Record<TaskSort, true> = {
  created_at: true,
  completed_at: true,
  status: true,
  progress: true,
  best_score: true,
}

export const taskSorts = Object.keys(sorts) as readonly TaskSort[]

function isTaskSort(value: unknown): value is TaskSort {
  return typeof value === 'string' && Object.hasOwn(sorts, value)
}

/** Which tasks the history shows, and in what order: by default the newest first. */
export interface HistorySearch {
  /** Any of these; all when there is none. */
  status?: readonly TaskState[] | undefined
  text?: string | undefined
  by?: TaskSort | undefined
  ascending?: boolean | undefined
}

export function historySearch(raw: Record<string, unknown>): HistorySearch {
  const given: readonly unknown[] = Array.isArray(raw.status) ? raw.status : [raw.status]
  const chosen = taskStates.filter((state) => given.includes(state))
  return {
    status: chosen.length === 0 ? undefined : chosen,
    text: text(raw.text),
    by: isTaskSort(raw.by) ? raw.by : undefined,
    ascending: raw.ascending === true || raw.ascending === 'true' ? true : undefined,
  }
}

/** The analysis page: the task whose result is open, and the filter of the history. */
export interface AnalysisSearch extends ResultSearch, HistorySearch {
  task?: string | undefined
}

export function analysisSearch(raw: Record<string, unknown>): AnalysisSearch {
  return {
    ...resultSearch(raw),
    ...historySearch(raw),
    task: text(raw.task),
  }
}

/** Plans side by side, the first being what the others are measured against: "task:rank" each. */
export interface CompareSearch {
  plans: readonly string[]
}

export function compareSearch(raw: Record<string, unknown>): CompareSearch {
  const given: readonly unknown[] = Array.isArray(raw.plans) ? raw.plans : [raw.plans]
  const isPlan = (one: unknown): one is string =>
    typeof one === 'string' && planId(one) !== undefined
  return { plans: given.filter(isPlan) }
}

export function planId(text: string): PlanId | undefined {
  const [task_id, rank = '1'] = text.split(':')
  const place = positiveInteger(rank)
  return task_id === undefined || task_id === '' || place === undefined
    ? undefined
    : { task_id, rank: place }
}

/** A what-if: the deployment, its load, and factors on two figures of the chip. */
export interface WhatIfSearch {
  model?: string | undefined
  chip?: string | undefined
  topology?: string | undefined
  batch?: number | undefined
  input?: number | undefined
  output?: number | undefined
  bandwidth?: number | undefined
  flops?: number | undefined
}

function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined
}

export function whatIfSearch(raw: Record<string, unknown>): WhatIfSearch {
  return {
    model: text(raw.model),
    chip: text(raw.chip),
    topology: text(raw.topology),
    batch: positiveInteger(raw.batch),
    input: positiveInteger(raw.input),
    output: positiveInteger(raw.output),
    bandwidth: positive(raw.bandwidth),
    flops: positive(raw.flops),
  }
}

export interface ExperimentsSearch {
  name?: string | undefined
}

export function experimentsSearch(raw: Record<string, unknown>): ExperimentsSearch {
  return { name: text(raw.name) }
}
