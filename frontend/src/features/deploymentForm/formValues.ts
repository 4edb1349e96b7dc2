import type {
  Inference,
  LimitPercentile,
  Objective,
  Parallelism,
  Risk,
  SearchConstraints,
  SearchMode,
  ServingMode,
  SubmitRequest,
  Traffic,
  WorkloadSummary,
} from '@/api/types'
import { assertNever } from '@/assertNever'

/** The three inputs that are a preset's name or JSON. */
export const sections = ['model', 'hardware', 'topology'] as const
export type Section = (typeof sections)[number]

export interface SectionValue {
  source: 'preset' | 'json'
  preset: string
  json: string
}

export interface Limits {
  max_chips: number | null
  max_ttft_ms: number | null
  max_tpot_ms: number | null
  max_e2e_latency_ms: number | null
  min_request_rate: number | null
  limit_percentile: LimitPercentile | null
  objective: Objective
  risk: Risk
  /** Objectives between which the trade-offs are asked for; none or two to four. */
  pareto: Objective[]
  serving: ServingMode
}

/** How the requests of a simulation arrive, if there is to be one. */
export const trafficKinds = ['off', 'closed_loop', 'poisson'] as const

export interface TrafficValue {
  arrivals: (typeof trafficKinds)[number]
  request_rate: number | null
  requests: number | null
}

/** At how many requests in flight each plan is tried. */
export const batchKinds = ['one', 'ladder', 'list'] as const

export interface BatchesValue {
  kind: (typeof batchKinds)[number]
  list: string
}

/** Two lines of text, each an axis such as `chip.memory_bandwidth=2..8 TB/s step 0.5`. */
export interface SweepValue {
  first: string
  second: string
}

/** What of a chip can be moved, in the order of the wire format. */
export const movedFigures = [
  'memory_bandwidth',
  'peak_flops',
  'link_bandwidth',
  'memory_capacity',
  'price',
] as const
export type MovedFigure = (typeof movedFigures)[number]
export type PricedFigure = Exclude<MovedFigure, 'price'>

/** Hypothetical chips: each combination of the values, given as text, of the figures moved. */
export interface CandidatesValue {
  grid: Record<MovedFigure, string>
  /** Which share of the price grows with a figure. */
  price_shares: Record<PricedFigure, number | null>
}

/** What costs rest on, where it is not the catalogue's. */
export interface PriceValue {
  chip_usd_per_hour: number | null
}

/** Inputs of a task that have no field here: they are sent as they were. */
export interface Carried {
  inference?: Partial<Inference>
  search_constraints?: Partial<SearchConstraints>
  request?: Partial<SubmitRequest>
}

/** The form, in the wire format's words: an error's field path finds its control by name. */
export interface FormValues {
  model: SectionValue
  hardware: SectionValue
  topology: SectionValue
  inference: Inference
  batches: BatchesValue
  traffic: TrafficValue
  search_mode: SearchMode
  manual_parallelism: Parallelism
  search_constraints: Limits
  /** Another chip for decode pools. */
  decode_hardware: string | null
  economics: PriceValue
  candidates: CandidatesValue
  sweep: SweepValue
  experiment_name: string
  description: string
  priority: number | null
  carried: Carried
}

export const degrees = [
  'dp',
  'tp',
  'pp',
  'ep',
  'sp',
  'moe_tp',
  'dcp',
] as const satisfies readonly (keyof Parallelism)[]

const preset = (name: string): SectionValue => ({ source: 'preset', preset: name, json: '' })

/** A question with an answer: what the page starts with. */
export const initialValues: FormValues = {
  model: preset('deepseek-v3'),
  hardware: preset('h200-sxm'),
  topology: preset('pod-64'),
  inference: { batch_size: 1024, input_seq_length: 4096, output_seq_length: 1024 },
  batches: { kind: 'ladder', list: '' },
  traffic: { arrivals: 'off', request_rate: null, requests: null },
  search_mode: 'auto',
  manual_parallelism: { dp: 8, tp: 8, pp: 1, ep: 64, sp: 1, moe_tp: 1, dcp: 1 },
  search_constraints: {
    max_chips: null,
    max_ttft_ms: null,
    max_tpot_ms: 30,
    max_e2e_latency_ms: null,
    min_request_rate: null,
    limit_percentile: null,
    objective: 'throughput',
    risk: 'mean',
    pareto: [],
    serving: 'aggregated',
  },
  decode_hardware: null,
  economics: { chip_usd_per_hour: null },
  candidates: {
    grid: {
      memory_bandwidth: '',
      peak_flops: '',
      link_bandwidth: '',
      memory_capacity: '',
      price: '',
    },
    price_shares: {
      memory_bandwidth: null,
      peak_flops: null,
      link_bandwidth: null,
      memory_capacity: null,
    },
  },
  sweep: { first: '', second: '' },
  experiment_name: '',
  description: '',
  priority: 0,
  carried: {},
}

export type ParsedJson =
  | { ok: true; value: Record<string, unknown> }
  | { ok: false; reason: string }

/** `notAnObject` stands for well-formed JSON that is a list, a number or a text. */
export const notAnObject = 'notAnObject'

export function parseJsonObject(text: string): ParsedJson {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { ok: false, reason: notAnObject }
    }
    return { ok: true, value: { ...value } }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

function sectionInput(value: SectionValue): string | Record<string, unknown> {
  if (value.source === 'preset') return value.preset
  const parsed = parseJsonObject(value.json)
  return parsed.ok ? parsed.value : {}
}

/** Entries that were left empty are left out: the service has the defaults, not the page. */
function filled<T extends object>(value: T): Partial<T> {
  const entries = Object.entries(value).filter(([, entry]) => entry != null && entry !== '')
  return Object.fromEntries(entries) as Partial<T>
}

/** Only open loops have a rate; what was typed for them before a change of mind stays here. */
function trafficInput({ arrivals, request_rate, requests }: TrafficValue): { traffic?: Traffic } {
  if (arrivals === 'off') return {}
  if (arrivals === 'closed_loop') return { traffic: { arrivals } }
  return { traffic: { arrivals, ...filled({ request_rate, requests }) } }
}

/** Whether limits may be for percentiles: of simulated requests, in a search by expected figures. */
export function percentilesApply(
  traffic: Pick<TrafficValue, 'arrivals'> | undefined,
  limits: Pick<Limits, 'risk'> | undefined,
): boolean {
  return traffic?.arrivals !== 'off' && limits?.risk !== 'cautious'
}

/** "64, 128 256" as numbers; null unless all of them are whole and at least 1. */
export function concurrencies(text: string): number[] | null {
  const numbers = text
    .split(/[\s,;，、；]+/)
    .filter((word) => word !== '')
    .map(Number)
  const valid = numbers.every((number) => Number.isInteger(number) && number > 0)
  return valid && numbers.length > 0 ? numbers : null
}

function batchesInput({ kind, list }: BatchesValue): Pick<SearchConstraints, 'batch_sizes'> {
  switch (kind) {
    case 'one':
      return {}
    case 'ladder':
      return { batch_sizes: 'ladder' }
    case 'list':
      return { batch_sizes: concurrencies(list) }
    default:
      return assertNever(kind)
  }
}

function constraintsInput(values: FormValues): SearchConstraints {
  const { pareto, limit_percentile, ...limits } = values.search_constraints
  const percentile = percentilesApply(values.traffic, limits) ? { limit_percentile } : {}
  return {
    ...filled(limits),
    ...filled(percentile),
    ...(pareto.length > 0 ? { pareto } : {}),
    ...batchesInput(values.batches),
  }
}

function decodeInput({ decode_hardware, search_constraints }: FormValues) {
  const pooled = search_constraints.serving !== 'aggregated'
  return pooled && decode_hardware !== null ? { decode_hardware } : {}
}

/** The price beside the other prices that were taken over. */
function priceInput({ economics, carried }: FormValues): Pick<SubmitRequest, 'economics'> {
  const { chip_usd_per_hour } = economics
  return chip_usd_per_hour === null
    ? {}
    : { economics: { ...carried.request?.economics, chip_usd_per_hour } }
}

function sweepInput({ first, second }: SweepValue): Pick<SubmitRequest, 'sweep'> {
  const axes = [first, second].map((axis) => axis.trim()).filter((axis) => axis !== '')
  return axes.length === 0 ? {} : { sweep: axes }
}

function candidatesInput({ grid, price_shares }: CandidatesValue) {
  const written = Object.entries(grid).map(([figure, values]) => [figure, values.trim()])
  const moved = filled(Object.fromEntries(written) as CandidatesValue['grid'])
  if (Object.keys(moved).length === 0) return {}
  const shares = filled(price_shares)
  const priced = Object.keys(shares).length === 0 ? {} : { price_shares: shares }
  return { candidates: { grid: moved, ...priced } }
}

/** Whether chips are asked for that nobody makes; a list of them has no field here. */
export function isHypothetical({
  candidates,
  carried,
}: Pick<FormValues, 'candidates' | 'carried'>) {
  return 'candidates' in candidatesInput(candidates) || carried.request?.candidates != null
}

/** "DeepSeek-V3 · pod-64" when no name was typed. */
export function defaultExperimentName(values: Pick<FormValues, Section>): string {
  const name = (section: Section) =>
    values[section].source === 'preset' ? values[section].preset : section
  return `${name('model')} · ${name('hardware')} · ${name('topology')}`
}

export function submitRequest(values: FormValues): SubmitRequest {
  const manual = values.search_mode === 'manual'
  const { batch_size, input_seq_length, output_seq_length, ...formats } = values.inference
  return {
    experiment_name: values.experiment_name.trim() || defaultExperimentName(values),
    ...(values.description.trim() === '' ? {} : { description: values.description.trim() }),
    model: sectionInput(values.model),
    hardware: sectionInput(values.hardware),
    topology: sectionInput(values.topology),
    inference: {
      batch_size,
      input_seq_length,
      output_seq_length,
      ...values.carried.inference,
      ...filled(formats),
      ...trafficInput(values.traffic),
    },
    search_mode: values.search_mode,
    ...(manual ? { manual_parallelism: values.manual_parallelism } : {}),
    search_constraints: { ...values.carried.search_constraints, ...constraintsInput(values) },
    ...values.carried.request,
    ...priceInput(values),
    ...decodeInput(values),
    ...sweepInput(values.sweep),
    ...candidatesInput(values.candidates),
    priority: values.priority ?? 0,
  }
}

/** Name of the workload whose figures these are, if any: typing a figure deselects the preset. */
export function matchingWorkload(
  inference: Inference | undefined,
  workloads: readonly WorkloadSummary[],
): string | undefined {
  return workloads.find(
    (workload) =>
      workload.batch_size === inference?.batch_size &&
      workload.input_seq_length === inference.input_seq_length &&
      workload.output_seq_length === inference.output_seq_length,
  )?.name
}
