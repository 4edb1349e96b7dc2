import type { FieldProblem } from '@/api/types'
import { degrees, type FormValues, movedFigures, type Section, sections } from './formValues'

/** Where the form keeps the control, e.g. ['inference', 'batch_size']. */
export type FieldPath = readonly (string | number)[]

export interface PlacedError {
  readonly path: FieldPath
  readonly messages: readonly string[]
}

export interface SortedProblems {
  readonly placed: readonly PlacedError[]
  readonly unplaced: readonly FieldProblem[]
}

/** What costs rest on: where it is missing, whatever asked for a cost is blamed. */
const price = 'economics.chip_usd_per_hour'

const direct = new Set([
  'experiment_name',
  'description',
  'priority',
  'search_mode',
  ...['batch_size', 'input_seq_length', 'output_seq_length'].map((name) => `inference.${name}`),
  'inference.engine',
  'inference.images_per_request',
  'inference.image_tokens',
  ...['arrivals', 'request_rate', 'requests'].map((name) => `traffic.${name}`),
  ...['weight_dtype', 'activation_dtype', 'kv_cache_dtype'].map((name) => `inference.${name}`),
  ...[
    'max_chips',
    'max_ttft_ms',
    'max_tpot_ms',
    'max_e2e_latency_ms',
    'objective',
    'risk',
    'serving',
  ].map((name) => `search_constraints.${name}`),
  ...['min_request_rate', 'limit_percentile', 'pareto'].map((name) => `search_constraints.${name}`),
  'batches.list',
  'decode_hardware',
  price,
  'sweep.first',
  'sweep.second',
  ...movedFigures.map((name) => `candidates.grid.${name}`),
  ...movedFigures.slice(0, -1).map((name) => `candidates.price_shares.${name}`),
  ...degrees.map((name) => `manual_parallelism.${name}`),
])

const sweepAxes = ['sweep.first', 'sweep.second']

/** Which of the two lines of the sweep: `sweep[1].field` is of the second. */
function sweepAxis(field: string): string | undefined {
  const place = /^sweep(?:[.[](\d))?/.exec(field)
  return place === null ? undefined : sweepAxes[Number(place[1] ?? 0)]
}

/** Of values the figure they are of; of all of them together the first that was given. */
function candidates(field: string, given: FormValues['candidates']): string | undefined {
  const place = /^candidates\.(grid|price_shares)(?:\.(\w+))?/.exec(field)
  const part = place?.[1] === 'price_shares' ? 'price_shares' : 'grid'
  if (place === null) return undefined
  const first = Object.entries(given[part]).find(([, value]) => value !== null && value !== '')
  return `candidates.${part}.${place[2] ?? first?.[0]}`
}

function batchSizes(field: string): string | undefined {
  return field.startsWith('search_constraints.batch_sizes') ? 'batches.list' : undefined
}

/** Limits may be blamed under `inference` too, and traffic has a place of its own in the form. */
const elsewhere: Record<string, string> = {
  'inference.max_ttft_ms': 'search_constraints.max_ttft_ms',
  'inference.max_tpot_ms': 'search_constraints.max_tpot_ms',
  'inference.max_e2e_latency_ms': 'search_constraints.max_e2e_latency_ms',
  'inference.traffic': 'traffic.arrivals',
  'inference.traffic.arrivals': 'traffic.arrivals',
  'inference.traffic.request_rate': 'traffic.request_rate',
  'inference.traffic.requests': 'traffic.requests',
}

function sectionOf(field: string): Section | undefined {
  return sections.find(
    (section) =>
      field === section || (/^[.[]/.test(field.slice(section.length)) && field.startsWith(section)),
  )
}

type Shown = Pick<FormValues, Section | 'candidates'>

function placeOf(field: string, values: Shown): FieldPath | undefined {
  const section = sectionOf(field)
  if (section !== undefined) return [section, values[section].source]
  const name =
    elsewhere[field] ??
    sweepAxis(field) ??
    candidates(field, values.candidates) ??
    batchSizes(field) ??
    field
  return direct.has(name) ? name.split('.') : undefined
}

/** A problem inside pasted JSON keeps its inner path in the words, as the control is one. */
function messageFor(problem: FieldProblem, path: FieldPath): string {
  const innerPath = path[1] === 'json' ? problem.field.slice(String(path[0]).length + 1) : ''
  return innerPath === '' ? problem.message : `${innerPath}: ${problem.message}`
}

/** Paths of fields in the words of the page, where a message names one as the way out. */
export function withFieldNames(message: string, priceName: string): string {
  return message.replaceAll(price, `“${priceName}”`)
}

/** Sends each problem of a 422 to its control; what has none is shown above the form. */
export function sortProblems(problems: readonly FieldProblem[], values: Shown): SortedProblems {
  const placed = new Map<string, { path: FieldPath; messages: string[] }>()
  const unplaced: FieldProblem[] = []
  for (const problem of problems) {
    const isOfPrice = problem.message.includes(`give ${price}`)
    const path = placeOf(isOfPrice ? price : problem.field, values)
    if (path === undefined) {
      unplaced.push(problem)
      continue
    }
    const key = path.join('.')
    const entry = placed.get(key) ?? { path, messages: [] }
    entry.messages.push(messageFor(problem, path))
    placed.set(key, entry)
  }
  return { placed: [...placed.values()], unplaced }
}
