import { expect, test } from 'vitest'
import type { Inference } from '@/api/types'
import {
  concurrencies,
  type FormValues,
  initialValues,
  matchingWorkload,
  notAnObject,
  parseJsonObject,
  submitRequest,
} from './formValues'

const values = (change: Partial<FormValues> = {}): FormValues => ({ ...initialValues, ...change })

test('presets are sent by name, empty limits not at all', () => {
  expect(submitRequest(values({ experiment_name: ' pod ' }))).toEqual({
    experiment_name: 'pod',
    model: 'deepseek-v3',
    hardware: 'h200-sxm',
    topology: 'pod-64',
    inference: { batch_size: 1024, input_seq_length: 4096, output_seq_length: 1024 },
    search_mode: 'auto',
    priority: 0,
    search_constraints: {
      batch_sizes: 'ladder',
      max_tpot_ms: 30,
      objective: 'throughput',
      risk: 'mean',
      serving: 'aggregated',
    },
  })
})

test('a submission without a name is named after what it asks', () => {
  expect(submitRequest(values()).experiment_name).toBe('deepseek-v3 · h200-sxm · pod-64')
})

test('pasted JSON is sent as the object it is', () => {
  const model = { source: 'json' as const, preset: '', json: '{"hidden_size": 64}' }
  expect(submitRequest(values({ model })).model).toEqual({ hidden_size: 64 })
})

test('degrees are sent only for one plan', () => {
  expect(submitRequest(values()).manual_parallelism).toBeUndefined()
  expect(submitRequest(values({ search_mode: 'manual' })).manual_parallelism).toEqual(
    initialValues.manual_parallelism,
  )
})

test('a cleared number format leaves the choice to the service', () => {
  const inference = {
    ...initialValues.inference,
    weight_dtype: null,
    kv_cache_dtype: 'fp8' as const,
  }
  expect(submitRequest(values({ inference })).inference).toEqual({
    ...initialValues.inference,
    kv_cache_dtype: 'fp8',
  })
})

/** The inference of a request, which the form always writes out. */
function inferenceOf(change: Partial<FormValues>): Inference {
  const { inference } = submitRequest(values(change))
  if (typeof inference === 'string') throw new Error('a preset')
  return inference
}

test('an engine is sent when one is said', () => {
  const engine = (engine: 'sglang' | null) =>
    inferenceOf({ inference: { ...initialValues.inference, engine } })
  expect(engine('sglang').engine).toBe('sglang')
  expect(engine(null)).toEqual(initialValues.inference)
})

test('only what goes with the arrivals is sent of the traffic', () => {
  const traffic = (arrivals: 'off' | 'closed_loop' | 'poisson', requests: number | null = null) =>
    inferenceOf({ traffic: { arrivals, request_rate: 5, requests } }).traffic
  expect(traffic('off')).toBeUndefined()
  expect(traffic('closed_loop', 9)).toEqual({ arrivals: 'closed_loop' })
  expect(traffic('poisson')).toEqual({ arrivals: 'poisson', request_rate: 5 })
  expect(traffic('poisson', 9)).toEqual({ arrivals: 'poisson', request_rate: 5, requests: 9 })
})

test('concurrencies are a ladder or a list, and the one of the load otherwise', () => {
  const constraints = (batches: FormValues['batches']) =>
    submitRequest(values({ batches })).search_constraints?.batch_sizes
  expect(constraints({ kind: 'one', list: '8' })).toBeUndefined()
  expect(constraints({ kind: 'ladder', list: '' })).toBe('ladder')
  expect(constraints({ kind: 'list', list: '64, 128 256' })).toEqual([64, 128, 256])
  expect(concurrencies('64, x')).toBeNull()
  expect(concurrencies('')).toBeNull()
})

test('a percentile goes with traffic, a decode chip with pools', () => {
  const limits = { ...initialValues.search_constraints, limit_percentile: 'p99' as const }
  const change = { search_constraints: limits, decode_hardware: 'b200-sxm' }
  const request = submitRequest(values(change))
  expect(request.search_constraints?.limit_percentile).toBeUndefined()
  expect(request.decode_hardware).toBeUndefined()
  const traffic = { ...initialValues.traffic, arrivals: 'closed_loop' as const }
  const pooled = { ...limits, serving: 'both' as const }
  const full = submitRequest(values({ ...change, search_constraints: pooled, traffic }))
  expect(full.search_constraints?.limit_percentile).toBe('p99')
  expect(full.decode_hardware).toBe('b200-sxm')
  const cautious = { ...limits, risk: 'cautious' as const }
  const sent = submitRequest(values({ search_constraints: cautious, traffic })).search_constraints
  expect(sent).toMatchObject({ risk: 'cautious' })
  expect(sent?.limit_percentile).toBeUndefined()
})

test('a sweep has the axes that were typed', () => {
  expect(submitRequest(values()).sweep).toBeUndefined()
  const sweep = { first: '', second: ' inference.batch_size=64, 128 ' }
  expect(submitRequest(values({ sweep })).sweep).toEqual(['inference.batch_size=64, 128'])
})

test('only a JSON object is an object', () => {
  expect(parseJsonObject('{"a": 1}')).toEqual({ ok: true, value: { a: 1 } })
  expect(parseJsonObject('[1]')).toEqual({ ok: false, reason: notAnObject })
  expect(parseJsonObject('{').ok).toBe(false)
})

test('a workload is recognised by its figures', () => {
  const chat = {
    name: 'chat',
    title: 'Chat',
    aliases: [],
    source: '',
    entered: '',
    batch_size: 64,
    input_seq_length: 1024,
    output_seq_length: 1024,
  }
  const inference = { batch_size: 64, input_seq_length: 1024, output_seq_length: 1024 }
  expect(matchingWorkload(inference, [chat])).toBe('chat')
  expect(matchingWorkload({ ...inference, batch_size: 65 }, [chat])).toBeUndefined()
})
