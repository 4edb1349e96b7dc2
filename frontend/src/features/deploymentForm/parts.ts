import type { FieldPath } from './fieldErrors'

/** The parts of the question's sentence, in its order; each opens a card. */
export const parts = ['model', 'chips', 'load', 'limits', 'search', 'record'] as const
export type Part = (typeof parts)[number]

const ofField: Readonly<Record<string, Part>> = {
  model: 'model',
  hardware: 'chips',
  topology: 'chips',
  decode_hardware: 'chips',
  candidates: 'chips',
  economics: 'chips',
  'search_constraints.max_chips': 'chips',
  'inference.engine': 'model',
  'inference.weight_dtype': 'model',
  'inference.activation_dtype': 'model',
  'inference.kv_cache_dtype': 'model',
  'inference.batch_size': 'search',
  inference: 'load',
  traffic: 'load',
  'search_constraints.max_ttft_ms': 'limits',
  'search_constraints.max_tpot_ms': 'limits',
  'search_constraints.max_e2e_latency_ms': 'limits',
  'search_constraints.min_request_rate': 'limits',
  'search_constraints.limit_percentile': 'limits',
  search_constraints: 'search',
  batches: 'search',
  search_mode: 'search',
  manual_parallelism: 'search',
}

/** The part whose card has a field. */
export function partOf(path: FieldPath): Part {
  const [first = '', second = ''] = path
  return ofField[`${first}.${second}`] ?? ofField[String(first)] ?? 'record'
}
