import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '@/api/client'

const once = { staleTime: Number.POSITIVE_INFINITY }

/** The named inputs, which change only with the service. */
export const modelsQuery = queryOptions({
  queryKey: ['catalogue', 'models'],
  queryFn: async ({ signal }) =>
    (await bodyOf(api.GET('/api/catalogue/models', { signal }))).models,
  ...once,
})

export const chipsQuery = queryOptions({
  queryKey: ['catalogue', 'chips'],
  queryFn: async ({ signal }) => (await bodyOf(api.GET('/api/catalogue/chips', { signal }))).chips,
  ...once,
})

export const topologiesQuery = queryOptions({
  queryKey: ['catalogue', 'topologies'],
  queryFn: async ({ signal }) =>
    (await bodyOf(api.GET('/api/catalogue/topologies', { signal }))).topologies,
  ...once,
})

export const workloadsQuery = queryOptions({
  queryKey: ['catalogue', 'workloads'],
  queryFn: async ({ signal }) =>
    (await bodyOf(api.GET('/api/catalogue/workloads', { signal }))).workloads,
  ...once,
})

/** One entry in full, as a request may hold it. */
export function getCatalogueEntry(kind: 'models' | 'chips' | 'topologies', name: string) {
  return bodyOf(api.GET(`/api/catalogue/${kind}/{name}`, { params: { path: { name } } }))
}

export const entryQuery = (kind: 'models' | 'chips' | 'topologies', name: string) =>
  queryOptions({
    queryKey: ['catalogue', kind, name],
    queryFn: () => getCatalogueEntry(kind, name),
    ...once,
  })

/** Calibrations with the errors they were measured to make. */
export const calibrationsQuery = queryOptions({
  queryKey: ['catalogue', 'calibrations'],
  queryFn: async ({ signal }) =>
    (await bodyOf(api.GET('/api/catalogue/calibrations', { signal }))).calibrations,
  ...once,
})

/** What predictions of each measured model, chip and engine rest on. */
export const supportQuery = queryOptions({
  queryKey: ['catalogue', 'support'],
  queryFn: async ({ signal }) =>
    (await bodyOf(api.GET('/api/catalogue/support', { signal }))).cells,
  ...once,
})
