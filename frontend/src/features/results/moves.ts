import type { ExplainRequest } from '@/api/explain'
import type { PreviewRequest } from '@/api/types'

/** Inputs that can be moved away from those of a result. */
export const moveNames = [
  'batch',
  'input',
  'output',
  'bandwidth',
  'flops',
  'link',
  'price',
] as const
export type MoveName = (typeof moveNames)[number]
/** How far each is moved, in quarters of a doubling; 0 and none is as in the result. */
export type Moves = Readonly<Partial<Record<MoveName, number>>>

export const farthest = 12

type Json = Readonly<Record<string, unknown>>

function jsonAt(tree: Json, name: string): Json | undefined {
  const value = tree[name]
  return typeof value === 'object' && value !== null ? (value as Json) : undefined
}

function numberAt(tree: Json | undefined, name: string): number | undefined {
  const value = tree?.[name]
  return typeof value === 'number' ? value : undefined
}

export function factorAt(position: number): number {
  return Number((2 ** (position / 4)).toPrecision(3))
}

export function isMoved(moves: Moves): boolean {
  return Object.values(moves).some((position) => position !== 0)
}

const factorOf = (moves: Moves, name: MoveName) => factorAt(moves[name] ?? 0)

/** A number times a factor, or each of several. */
function scaled(value: unknown, factor: number): unknown {
  if (typeof value === 'number') return value * factor
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, scaled(one, factor)]))
}

function faster(link: unknown, factor: number): unknown {
  if (typeof link !== 'object' || link === null) return link
  const { bandwidth, ...rest } = link as Json
  return { ...rest, bandwidth: scaled(bandwidth, factor) }
}

function movedChip(chip: Json | undefined, moves: Moves): Json | undefined {
  return (
    chip && {
      ...chip,
      memory_bandwidth: scaled(chip.memory_bandwidth, factorOf(moves, 'bandwidth')),
      peak_flops: scaled(chip.peak_flops, factorOf(moves, 'flops')),
      chip_to_chip: faster(chip.chip_to_chip, factorOf(moves, 'link')),
    }
  )
}

function movedTopology(topology: Json, moves: Moves): Json {
  const links = Object.entries(jsonAt(topology, 'links') ?? {})
  return {
    ...topology,
    links: Object.fromEntries(
      links.map(([tier, link]) => [tier, faster(link, factorOf(moves, 'link'))]),
    ),
  }
}

/** The rents by chip that costs rest on; undefined where one is not known, or chips are bought. */
export function pricesOf(asked: ExplainRequest): Readonly<Record<string, number>> | undefined {
  const request = asked as unknown as Json
  const economics = jsonAt(request, 'economics')
  if (economics?.chip_price_usd != null) return undefined
  const given = economics?.chip_usd_per_hour
  const chips = ['hardware', 'decode_hardware']
    .map((part) => jsonAt(request, part))
    .filter((chip) => chip !== undefined)
  const prices = chips.map((chip): [string, number | undefined] => {
    const name = String(chip.name)
    const own =
      typeof given === 'number'
        ? given
        : numberAt(jsonAt(economics ?? {}, 'chip_usd_per_hour'), name)
    return [name, own ?? numberAt(chip, 'price_usd_per_hour')]
  })
  if (prices.some(([, price]) => price === undefined)) return undefined
  return Object.fromEntries(prices) as Record<string, number>
}

/** The price where there is one, else each chip's. */
function oneOf(prices: Readonly<Record<string, number>>) {
  const [first, ...others] = Object.values(prices)
  return first === undefined || others.length > 0 ? prices : first
}

/** Requests in flight of the plan that is explained. */
function concurrencyOf(asked: ExplainRequest): number {
  const inference = jsonAt(asked as unknown as Json, 'inference')
  return asked.plan?.batch_size ?? numberAt(inference, 'batch_size') ?? 1
}

/** What the inputs of the load are once moved: whole numbers. */
export function movedLoad(asked: ExplainRequest, moves: Moves) {
  const inference = jsonAt(asked as unknown as Json, 'inference')
  const whole = (value: number, name: MoveName) =>
    Math.max(1, Math.round(value * factorOf(moves, name)))
  return {
    batch: whole(concurrencyOf(asked), 'batch'),
    input: whole(numberAt(inference, 'input_seq_length') ?? 1, 'input'),
    output: whole(numberAt(inference, 'output_seq_length') ?? 1, 'output'),
  }
}

/** What a result was asked, with the moved inputs; nothing but these is another. */
export function movedRequest(asked: ExplainRequest, moves: Moves): Json {
  const { plan: _, ...request } = asked as unknown as Json
  const { batch, input, output } = movedLoad(asked, moves)
  const isAt = (name: MoveName) => (moves[name] ?? 0) === 0
  const prices = pricesOf(asked)
  const isChip = !(['bandwidth', 'flops', 'link'] as const).every(isAt)
  return {
    ...request,
    inference: {
      ...jsonAt(request, 'inference'),
      ...(isAt('input') ? {} : { input_seq_length: input }),
      ...(isAt('output') ? {} : { output_seq_length: output }),
      ...(isAt('batch') ? {} : { batch_size: batch }),
    },
    ...(isAt('batch')
      ? {}
      : { search_constraints: { ...jsonAt(request, 'search_constraints'), batch_sizes: null } }),
    ...(isChip && {
      hardware: movedChip(jsonAt(request, 'hardware'), moves),
      decode_hardware: movedChip(jsonAt(request, 'decode_hardware'), moves) ?? null,
    }),
    ...(isAt('link') ? {} : { topology: movedTopology(jsonAt(request, 'topology') ?? {}, moves) }),
    ...(isAt('price') || prices === undefined
      ? {}
      : {
          economics: {
            ...jsonAt(request, 'economics'),
            chip_usd_per_hour: scaled(oneOf(prices), factorOf(moves, 'price')),
          },
        }),
  }
}

function manualPool(pool: Json) {
  const { instances, parallelism } = pool
  return { instances, parallelism }
}

/** Asks for the plan alone, with the moved inputs: its figures as they are expected in the mean. */
export function previewOfPlan(asked: ExplainRequest, moves: Moves): PreviewRequest {
  const {
    experiment_name: _,
    description: __,
    sweep: ___,
    candidates: ____,
    ...request
  } = movedRequest(asked, moves)
  const pools = asked.plan?.pools as unknown as Json | undefined | null
  return {
    ...request,
    inference: {
      ...jsonAt(request, 'inference'),
      batch_size: movedLoad(asked, moves).batch,
      traffic: null,
    },
    search_mode: 'manual',
    ...(pools == null
      ? { manual_parallelism: asked.plan?.parallelism }
      : {
          manual_pools: {
            prefill: manualPool(jsonAt(pools, 'prefill') ?? {}),
            decode: manualPool(jsonAt(pools, 'decode') ?? {}),
          },
        }),
    search_constraints: {
      ...jsonAt(request, 'search_constraints'),
      batch_sizes: null,
      pareto: null,
      limit_percentile: null,
      top_k: 1,
    },
  } as unknown as PreviewRequest
}
