import type { ChipSummary, Plan, SweepTable } from '@/api/types'

type Json = Record<string, unknown>

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textAt(value: unknown, ...names: string[]): string | undefined {
  if (typeof value === 'string') return value
  if (!isJson(value)) return undefined
  for (const name of names) {
    const text = value[name]
    if (typeof text === 'string' && text !== '') return text
  }
  return undefined
}

function numberAt(value: unknown, name: string): number | undefined {
  const number = isJson(value) ? value[name] : undefined
  return typeof number === 'number' ? number : undefined
}

const below: Record<string, string | undefined> = {
  pods: 'racks',
  racks: 'boards',
  boards: 'chips',
}

function chipsBelow(groups: unknown, tier: string): number {
  if (!Array.isArray(groups)) return 0
  const inner = below[tier]
  return groups.reduce((sum: number, group: unknown) => {
    const each = inner === undefined ? 1 : chipsBelow(isJson(group) ? group[inner] : null, inner)
    return sum + (numberAt(group, 'count') ?? 1) * each
  }, 0)
}

const perTier = ['pods', 'racks_per_pod', 'boards_per_rack', 'chips_per_board']

/** Chips of a topology: the product of its tiers, or a tree of groups to add up. */
export function chipCount(topology: unknown): number | undefined {
  const sizes = perTier.map((tier) => numberAt(topology, tier))
  if (sizes.every((size) => size !== undefined)) return sizes.reduce((all, size) => all * size, 1)
  const counted = isJson(topology) ? chipsBelow(topology.pods, 'pods') : 0
  return counted > 0 ? counted : undefined
}

export interface Question {
  readonly model: string
  readonly chip: string
  /** The chips are that one with other figures. */
  readonly hypothetical: boolean
  /** Of that chip as it was evaluated. */
  readonly chipFigures: Readonly<Record<'bandwidth' | 'capacity' | 'peak', number | undefined>>
  readonly chips: number | undefined
  /** Requests in flight: those asked for, or where they were searched too the best plan's. */
  readonly batch: number | undefined
  readonly batchSearched: boolean
  readonly input: number | undefined
  readonly output: number | undefined
  readonly maxTtft: number | undefined
  readonly maxTpot: number | undefined
  readonly maxE2e: number | undefined
  readonly objective: string
  /** Ranked by what holds with 80 %, not by what is expected. */
  readonly cautious: boolean
  /** The limits are for a percentile of single requests. */
  readonly ofPercentile: boolean
  readonly engine: string | undefined
  readonly serving: string
  readonly arrivals: string | undefined
  readonly requestRate: number | undefined
}

/** Of a limit that stands in two places the stricter one holds. */
function limitInForce({ inference, search_constraints }: Json, name: string): number | undefined {
  const given = [search_constraints, inference].flatMap((place) => numberAt(place, name) ?? [])
  return given.length === 0 ? undefined : Math.min(...given)
}

function withValue(tree: Json, [name = '', ...below]: readonly string[], value: unknown): Json {
  const inner = tree[name]
  if (below.length === 0) return { ...tree, [name]: value }
  return isJson(inner) ? { ...tree, [name]: withValue(inner, below, value) } : tree
}

/** The request as it is at the best point of a sweep: that is whose plans are shown. */
function atBest(request: Json, { axes, best }: Pick<SweepTable, 'axes' | 'best'>): Json {
  return axes.reduce((body, { field, values, labels }, axis) => {
    const [part = '', ...names] = field.split('.')
    const place = best[axis] ?? -1
    // A whole part is known by its label.
    const value = names.length === 0 ? labels[place] : values[place]
    return withValue(body, [part === 'chip' ? 'hardware' : part, ...names], value)
  }, request)
}

type ChipEntry = Pick<ChipSummary, 'name' | 'memory_bandwidth' | 'memory_capacity' | 'peak_flops'>

/** Whether the chips are the catalogue's by name but not in their figures. */
export function isChangedChip(
  { chip, chipFigures }: Pick<Question, 'chip' | 'chipFigures'>,
  chips: readonly ChipEntry[] = [],
): boolean {
  const entry = chips.find(({ name }) => name === chip)
  if (entry === undefined) return false
  const { memory_bandwidth, memory_capacity, peak_flops } = entry
  const { bandwidth, capacity, peak } = chipFigures
  const pairs = [
    [bandwidth, memory_bandwidth],
    [capacity, memory_capacity],
    [peak, peak_flops.bf16],
  ] as const
  return pairs.some(([own, listed]) => own !== undefined && listed !== undefined && own !== listed)
}

interface Found {
  readonly sweep?: Pick<SweepTable, 'axes' | 'best'> | null
  readonly winner?: Pick<Plan, 'batch_size'> | undefined
}

/** What was asked, read from the snapshot kept with the task; of a sweep, at its best point. */
export function questionOf(asked: Json, { sweep, winner }: Found = {}): Question {
  const request = sweep == null ? asked : atBest(asked, sweep)
  const { inference, search_constraints: constraints } = request
  const batchSearched = isJson(constraints) && constraints.batch_sizes != null
  const traffic = isJson(inference) ? inference.traffic : undefined
  return {
    model: textAt(request.model, 'title', 'name', 'model_type') ?? '?',
    chip: textAt(request.hardware, 'title', 'name') ?? '?',
    hypothetical: request.candidates != null,
    chipFigures: {
      bandwidth: numberAt(request.hardware, 'memory_bandwidth'),
      capacity: numberAt(request.hardware, 'memory_capacity'),
      peak: numberAt(isJson(request.hardware) ? request.hardware.peak_flops : undefined, 'bf16'),
    },
    chips: chipCount(request.topology),
    batch: batchSearched ? numberAt(winner, 'batch_size') : numberAt(inference, 'batch_size'),
    batchSearched,
    input: numberAt(inference, 'input_seq_length'),
    output: numberAt(inference, 'output_seq_length'),
    maxTtft: limitInForce(request, 'max_ttft_ms'),
    maxTpot: limitInForce(request, 'max_tpot_ms'),
    maxE2e: limitInForce(request, 'max_e2e_latency_ms'),
    objective: textAt(isJson(constraints) ? constraints.objective : undefined) ?? 'throughput',
    cautious: textAt(isJson(constraints) ? constraints.risk : undefined) === 'cautious',
    ofPercentile: isJson(constraints) && constraints.limit_percentile != null,
    engine: textAt(isJson(inference) ? inference.engine : undefined),
    serving: textAt(isJson(constraints) ? constraints.serving : undefined) ?? 'aggregated',
    arrivals: textAt(isJson(traffic) ? traffic.arrivals : undefined),
    requestRate: numberAt(traffic, 'request_rate'),
  }
}
