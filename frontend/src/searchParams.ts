import type { TaskState } from '@/api/types'

const states: Record<TaskState, true> = {
  pending: true,
  running: true,
  completed: true,
  failed: true,
  cancelled: true,
}

export const taskStates = Object.keys(states) as readonly TaskState[]

export function isTaskState(value: unknown): value is TaskState {
  return typeof value === 'string' && Object.hasOwn(states, value)
}

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

/** The analysis page: the task whose result is open, and the filter of the history. */
export interface AnalysisSearch extends ResultSearch {
  task?: string | undefined
  status?: TaskState | undefined
}

export function analysisSearch(raw: Record<string, unknown>): AnalysisSearch {
  return {
    ...resultSearch(raw),
    task: text(raw.task),
    status: isTaskState(raw.status) ? raw.status : undefined,
  }
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

export interface ExperimentSearch {
  status?: TaskState | undefined
}

export function experimentSearch(raw: Record<string, unknown>): ExperimentSearch {
  return { status: isTaskState(raw.status) ? raw.status : undefined }
}
