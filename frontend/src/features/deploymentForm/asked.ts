import type { Inference, SearchConstraints, SubmitRequest, Traffic } from '@/api/types'
import {
  type BatchesValue,
  type Carried,
  defaultExperimentName,
  type FormValues,
  initialValues,
  movedFigures,
  type Section,
  type SectionValue,
  sections,
  type TrafficValue,
  trafficKinds,
} from './formValues'

type Json = Record<string, unknown>

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** Whether all that a preset says stands in what was evaluated: then it was the preset. */
export function covers(evaluated: unknown, preset: unknown): boolean {
  if (!isJson(preset)) return same(evaluated, preset)
  return (
    isJson(evaluated) &&
    Object.entries(preset).every(([key, value]) => covers(evaluated[key], value))
  )
}

/** What the service fills in by itself: no need to take it over. */
const filledIn: Json = {
  expert_load: 'uniform',
  redundant_experts: 0,
  prefix_cache_hit_rate: 0,
  images_per_request: 0,
  audio_seconds_per_request: 0,
  encoder_data_parallel: false,
  max_batched_tokens: 8192,
  step_overhead: 0.001,
  receive_interval: 1,
  prefill_utilization: 0.8,
  decode_utilization: 0.92,
  overlap_kv_transfer: false,
  pool_handover: 0.23,
  two_batch_overlap: false,
  top_k: 20,
  unsupported_plans: false,
  priority: 0,
}

const shown = {
  inference: [
    'batch_size',
    'input_seq_length',
    'output_seq_length',
    'engine',
    'weight_dtype',
    'activation_dtype',
    'kv_cache_dtype',
    'images_per_request',
    'image_tokens',
  ],
  limits: [
    'max_chips',
    'max_ttft_ms',
    'max_tpot_ms',
    'max_e2e_latency_ms',
    'min_request_rate',
    'limit_percentile',
    'objective',
    'risk',
    'serving',
  ],
} as const

function isEmpty(value: unknown): boolean {
  return value == null || (isJson(value) && Object.values(value).every(isEmpty))
}

function picked(from: Json, names: readonly string[]): Json {
  return Object.fromEntries(
    names.flatMap((name) => (from[name] == null ? [] : [[name, from[name]]])),
  )
}

/** The entries that no field shows and the service would not fill in likewise. */
function rest(from: Json, names: readonly string[]): Json {
  const entries = Object.entries(from).filter(
    ([name, value]) => !names.includes(name) && !isEmpty(value) && !same(filledIn[name], value),
  )
  return Object.fromEntries(entries)
}

function trafficOf(traffic: unknown): TrafficValue | undefined {
  if (traffic == null) return initialValues.traffic
  const arrivals = trafficKinds.find((kind) => isJson(traffic) && traffic.arrivals === kind)
  if (!isJson(traffic) || arrivals === undefined) return undefined
  const { request_rate = null, requests = null } = traffic as Partial<Traffic>
  return { arrivals, request_rate: arrivals === 'poisson' ? request_rate : null, requests }
}

function batchesOf(asked: unknown): BatchesValue {
  if (asked == null) return { kind: 'one', list: '' }
  if (asked === 'ladder') return { kind: 'ladder', list: '' }
  return { kind: 'list', list: [asked].flat().join(', ') }
}

/** Of a limit that stands in two places the stricter one holds. */
function stricter(...limits: unknown[]): number | null {
  const given = limits.filter((limit) => typeof limit === 'number')
  return given.length === 0 ? null : Math.min(...given)
}

function sweepOf(sweep: unknown): FormValues['sweep'] | undefined {
  if (sweep == null) return initialValues.sweep
  const texts = [sweep].flat()
  if (!texts.every((axis) => typeof axis === 'string') || texts.length > 2) return undefined
  return { first: texts[0] ?? '', second: texts[1] ?? '' }
}

/** Values as one text; undefined for what would not be read alike. */
function valuesText(values: unknown): string | undefined {
  if (typeof values === 'string' || typeof values === 'number') return String(values)
  if (!Array.isArray(values)) return undefined
  const isOneKind =
    values.every((value) => typeof value === 'number') ||
    values.every((value) => typeof value === 'string' && /\d\s*[a-zA-Z]/.test(value))
  return isOneKind ? values.join(', ') : undefined
}

/** Hypothetical chips as the fields hold them; undefined where they can't. */
function candidatesOf(candidates: unknown): FormValues['candidates'] | undefined {
  if (candidates == null) return initialValues.candidates
  if (!isJson(candidates) || !isJson(candidates.grid)) return undefined
  const texts = Object.entries(candidates.grid).flatMap(([figure, values]) =>
    values == null ? [] : [[figure, valuesText(values)] as const],
  )
  const isKnown = texts.every(
    ([figure, text]) => text !== undefined && movedFigures.some((one) => one === figure),
  )
  if (!isKnown) return undefined
  const shares = isJson(candidates.price_shares) ? candidates.price_shares : {}
  return {
    grid: { ...initialValues.candidates.grid, ...Object.fromEntries(texts) },
    price_shares: { ...initialValues.candidates.price_shares, ...shares },
  }
}

/** A preset and what of it was evaluated otherwise, as a request may have it. */
export function changedOf(evaluated: unknown, name: string, spec: unknown): Json {
  const figures = isJson(spec) ? spec : {}
  const entries = isJson(evaluated) ? Object.entries(evaluated) : []
  const changed = entries.filter(
    ([key, value]) => !covers(value, figures[key]) && !(isEmpty(value) && figures[key] == null),
  )
  return { base: name, ...Object.fromEntries(changed) }
}

/** A part of the request as the preset it was, else as its JSON. */
function sectionOf(
  evaluated: unknown,
  preset: string | undefined,
  changed: Json | undefined,
): SectionValue {
  if (typeof evaluated === 'string') return { source: 'preset', preset: evaluated, json: '' }
  if (preset !== undefined) return { source: 'preset', preset, json: '' }
  return { source: 'json', preset: '', json: JSON.stringify(changed ?? evaluated, null, 2) }
}

/** Prices as the service takes them when nothing is said. */
const prices: Json = {
  server_overhead: 0.5,
  years: 5,
  electricity_usd_per_kwh: 0.08,
  pue: 1.3,
  hourly_overhead: 0,
  host_power: 400,
  idle_power_share: 0.15,
  compute_power_share: 1.47,
  memory_power: 290,
}

/** The rent of the chips as one number, if it is one. */
function rentOf(economics: unknown, chip: unknown): number | null {
  const given = isJson(economics) ? economics.chip_usd_per_hour : undefined
  const named = isJson(given) && isJson(chip) ? Object.entries(given) : []
  const [name, price] = named.length === 1 ? (named[0] ?? []) : []
  const rent = isJson(chip) && name === chip.name ? price : given
  return typeof rent === 'number' ? rent : null
}

function pricesOf(economics: unknown, chip: unknown): Json {
  if (!isJson(economics)) return {}
  const shown = rentOf(economics, chip) === null ? [] : ['chip_usd_per_hour']
  const entries = Object.entries(economics).filter(
    ([name, value]) =>
      !['sources', ...shown].includes(name) && !isEmpty(value) && !same(prices[name], value),
  )
  return entries.length === 0 ? {} : { economics: Object.fromEntries(entries) }
}

export interface Asked {
  readonly request: Json
  readonly experiment_name: string
  /** The presets whose figures the request holds. */
  readonly presets: Readonly<Partial<Record<Section | 'decode_hardware', string>>>
  /** The others as what of a preset was changed, where they are that. */
  readonly changed?: Readonly<Partial<Record<Section, Json>>>
}

/**
 * The form's values for what a task was asked. The calibration is not taken over: it is chosen
 * anew for what is submitted.
 */
export function valuesAsked(asked: Asked): FormValues {
  const { request, experiment_name, presets, changed = {} } = asked
  const inference = isJson(request.inference) ? request.inference : {}
  const limits = isJson(request.search_constraints) ? request.search_constraints : {}
  const traffic = trafficOf(inference.traffic)
  const sweep = sweepOf(request.sweep)
  const candidates = candidatesOf(request.candidates)
  const carried: Carried = {
    inference: rest(inference, [
      ...shown.inference,
      'max_ttft_ms',
      'max_tpot_ms',
      'max_e2e_latency_ms',
      ...(traffic === undefined ? [] : ['traffic']),
    ]) as Partial<Inference>,
    search_constraints: rest(limits, [
      ...shown.limits,
      'batch_sizes',
      'pareto',
    ]) as Partial<SearchConstraints>,
    request: {
      ...picked(request, ['manual_pools']),
      ...(sweep === undefined ? picked(request, ['sweep']) : {}),
      ...(candidates === undefined ? picked(request, ['candidates']) : {}),
      ...(presets.decode_hardware === undefined ? picked(request, ['decode_hardware']) : {}),
      ...pricesOf(request.economics, request.hardware),
    } as Partial<SubmitRequest>,
  }
  const [model, hardware, topology] = sections.map((name) =>
    sectionOf(request[name], presets[name], changed[name]),
  )
  const places = model && hardware && topology ? { model, hardware, topology } : {}
  const standard = defaultExperimentName({ ...initialValues, ...places })
  return {
    ...initialValues,
    ...places,
    inference: {
      ...initialValues.inference,
      ...rest(picked(inference, shown.inference), []),
    } as Inference,
    batches: batchesOf(limits.batch_sizes),
    traffic: traffic ?? initialValues.traffic,
    search_mode: request.search_mode === 'manual' ? 'manual' : 'auto',
    manual_parallelism: {
      ...initialValues.manual_parallelism,
      ...(isJson(request.manual_parallelism) ? request.manual_parallelism : {}),
    },
    search_constraints: {
      ...initialValues.search_constraints,
      ...picked(limits, shown.limits),
      max_ttft_ms: stricter(limits.max_ttft_ms, inference.max_ttft_ms),
      max_tpot_ms: stricter(limits.max_tpot_ms, inference.max_tpot_ms),
      max_e2e_latency_ms: stricter(limits.max_e2e_latency_ms, inference.max_e2e_latency_ms),
      pareto: Array.isArray(limits.pareto) ? limits.pareto : [],
    },
    decode_hardware: presets.decode_hardware ?? null,
    economics: { chip_usd_per_hour: rentOf(request.economics, request.hardware) },
    candidates: candidates ?? initialValues.candidates,
    sweep: sweep ?? initialValues.sweep,
    experiment_name: experiment_name === standard ? '' : experiment_name,
    carried: Object.fromEntries(
      Object.entries(carried).filter(([, entries]) => !isEmpty(entries)),
    ) as Carried,
  }
}
