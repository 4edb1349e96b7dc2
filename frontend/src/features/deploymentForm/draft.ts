import * as v from 'valibot'
import {
  objectiveValues,
  riskValues,
  searchConstraintsLimit_percentileAnyOf0Values,
  searchModeValues,
  servingModeValues,
} from '@/api/schema.gen'
import { batchKinds, type FormValues, initialValues, trafficKinds } from './formValues'

type Tree = { readonly [key: string]: unknown }

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** What of a tree is unlike another one; what is missing in it counts as null. */
function difference(tree: Tree, base: Tree): Tree {
  const keys = [...new Set([...Object.keys(tree), ...Object.keys(base)])]
  return Object.fromEntries(
    keys.flatMap((key): [string, unknown][] => {
      const [now, then] = [tree[key] ?? null, base[key] ?? null]
      if (same(now, then)) return []
      return [[key, isTree(now) && isTree(then) ? difference(now, then) : now]]
    }),
  )
}

function merged(base: Tree, change: Tree): Tree {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined)
  return {
    ...base,
    ...Object.fromEntries(
      entries.map(([key, value]) => {
        const below = base[key]
        return [key, isTree(value) && isTree(below) ? merged(below, value) : value]
      }),
    ),
  }
}

/** What was typed beyond a question, that the page starts with; undefined if there is nothing. */
export function draftOf(
  values: FormValues,
  from: FormValues = initialValues,
): Record<string, unknown> | undefined {
  const draft = difference({ ...values }, { ...from })
  return Object.keys(draft).length === 0 ? undefined : draft
}

/** Nonsense in a draft is passed over, as in the rest of an address. */
const known = <T extends v.GenericSchema>(schema: T) => v.fallback(v.optional(schema), undefined)
const text = known(v.string())
// What was typed and is no number yet is a text.
const typed = known(v.nullable(v.union([v.number(), v.string()])))
const section = known(
  v.object({ source: known(v.picklist(['preset', 'json'])), preset: text, json: text }),
)
const tree = known(v.record(v.string(), v.unknown()))
const percentiles = searchConstraintsLimit_percentileAnyOf0Values.filter((one) => one !== null)
const degree = known(v.union([v.number(), v.string()]))

const draftSchema = v.object({
  model: section,
  hardware: section,
  topology: section,
  inference: tree,
  batches: known(v.object({ kind: known(v.picklist(batchKinds)), list: text })),
  traffic: known(
    v.object({
      arrivals: known(v.picklist(trafficKinds)),
      request_rate: typed,
      requests: typed,
    }),
  ),
  search_mode: known(v.picklist(searchModeValues)),
  manual_parallelism: known(
    v.object({
      dp: degree,
      tp: degree,
      pp: degree,
      ep: degree,
      sp: degree,
      moe_tp: degree,
      dcp: degree,
    }),
  ),
  search_constraints: known(
    v.object({
      max_chips: typed,
      max_ttft_ms: typed,
      max_tpot_ms: typed,
      max_e2e_latency_ms: typed,
      min_request_rate: typed,
      limit_percentile: known(v.nullable(v.picklist(percentiles))),
      objective: known(v.picklist(objectiveValues)),
      risk: known(v.picklist(riskValues)),
      pareto: known(v.array(v.picklist(objectiveValues))),
      serving: known(v.picklist(servingModeValues)),
    }),
  ),
  decode_hardware: known(v.nullable(v.string())),
  economics: known(v.object({ chip_usd_per_hour: typed })),
  candidates: known(
    v.object({
      grid: known(
        v.object({
          memory_bandwidth: text,
          peak_flops: text,
          link_bandwidth: text,
          memory_capacity: text,
          price: text,
        }),
      ),
      price_shares: known(
        v.object({
          memory_bandwidth: typed,
          peak_flops: typed,
          link_bandwidth: typed,
          memory_capacity: typed,
        }),
      ),
    }),
  ),
  sweep: known(v.object({ first: text, second: text })),
  experiment_name: text,
  description: text,
  priority: typed,
  carried: tree,
})

/** The question of a draft: what it does not say is as the page starts. */
export function valuesOf(draft: unknown): FormValues {
  const parsed = v.safeParse(draftSchema, draft)
  if (!parsed.success) return initialValues
  return merged({ ...initialValues }, parsed.output) as unknown as FormValues
}
