import type { CountRequest, PreviewRequest, PreviewResult } from '@/api/types'
import {
  concurrencies,
  type FormValues,
  parseJsonObject,
  sections,
  submitRequest,
} from './formValues'
import { problemOf } from './quantity'

/** A few steps of the ladder: as many as a live preview has the time for. */
const glimpse = [8, 32, 128, 512, 2048]
const ladderSteps = 24

/** At how many concurrencies the search itself tries each plan. */
export function concurrenciesTried({ batches }: Pick<FormValues, 'batches'>): number {
  if (batches.kind === 'ladder') return ladderSteps
  return batches.kind === 'list' ? (concurrencies(batches.list)?.length ?? 1) : 1
}

/** The concurrencies a preview tries where the search tries more. */
export function previewedAt({
  batches,
}: Pick<FormValues, 'batches'>): readonly number[] | undefined {
  return batches.kind === 'ladder' ? glimpse : undefined
}

function isComplete(values: FormValues): boolean {
  const { inference, batches } = values
  const counts = [
    inference.input_seq_length,
    inference.output_seq_length,
    ...(batches.kind === 'one' ? [inference.batch_size] : []),
  ]
  return (
    counts.every((count) => !problemOf(count, { min: 1, integer: true, required: true })) &&
    sections.every(
      (name) => values[name].source === 'preset' || parseJsonObject(values[name].json).ok,
    )
  )
}

function only<T extends object, K extends keyof T>(
  from: T,
  names: readonly K[],
): Partial<Pick<T, K>> {
  const entries = names.flatMap((name) => (from[name] == null ? [] : [[name, from[name]]]))
  return Object.fromEntries(entries) as Partial<Pick<T, K>>
}

/** Asks for the best plan alone; nothing while what was typed is no question yet. */
export function previewRequest(values: FormValues): PreviewRequest | undefined {
  if (!isComplete(values)) return undefined
  const { model, hardware, topology, search_mode, search_constraints, ...asked } = submitRequest({
    ...values,
    traffic: { ...values.traffic, arrivals: 'off' },
  })
  const few = previewedAt(values)
  return {
    model,
    hardware: hardware ?? null,
    topology,
    inference: asked.inference,
    search_mode: search_mode ?? 'auto',
    ...only(asked, ['manual_parallelism', 'manual_pools', 'decode_hardware', 'economics']),
    search_constraints: {
      ...search_constraints,
      ...(few === undefined ? {} : { batch_sizes: [...few] }),
      limit_percentile: null,
      pareto: null,
      top_k: 1,
    },
  }
}

/** Asks how much the whole search is; nothing while what was typed is no question yet. */
export function countRequest(values: FormValues): CountRequest | undefined {
  if (!isComplete(values)) return undefined
  const { experiment_name, description, priority, ...asked } = submitRequest(values)
  return asked
}

/** How long the whole search would take at the speed of the preview, in seconds. */
export function secondsOfSearch(
  { search_stats: stats }: Pick<PreviewResult, 'search_stats'>,
  values: Pick<FormValues, 'batches'>,
): number | undefined {
  if (stats.evaluations === 0 || stats.seconds === 0) return undefined
  const evaluations = stats.total_plans * concurrenciesTried(values)
  return (evaluations / stats.evaluations) * stats.seconds
}
