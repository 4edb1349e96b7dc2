import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '@/api/client'
import type { components } from '@/api/schema.gen'

type Layout = components['schemas']['PointLayout']
type Numbers = Uint8Array | Uint16Array | Uint32Array | Float32Array

/** Every feasible point of a search, column by column. */
export interface Points {
  readonly count: number
  /** Feasible points that were found; more than there are here where they were thinned. */
  readonly feasible: number
  readonly columns: Readonly<Record<string, Numbers>>
}

const arrays = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  float32: Float32Array,
} as const

/** The columns that a layout describes, read in place: nothing is copied. */
export function pointsIn(layout: Layout, data: ArrayBuffer): Points {
  const columns = layout.columns.map(({ name, type, offset }) => [
    name,
    new arrays[type](data, offset, layout.points),
  ])
  return {
    count: layout.points,
    feasible: layout.feasible,
    columns: Object.fromEntries(columns) as Points['columns'],
  }
}

/** The points of a finished task, which never change. */
export const pointsQuery = (taskId: string) =>
  queryOptions({
    queryKey: ['points', taskId],
    queryFn: async ({ signal }) => {
      const params = { path: { task_id: taskId } }
      const layout = await bodyOf(
        api.GET('/api/evaluation/tasks/{task_id}/points', { params, signal }),
      )
      if (layout.points === 0) return pointsIn(layout, new ArrayBuffer(0))
      const data = await bodyOf(
        api.GET('/api/evaluation/tasks/{task_id}/points/data', {
          params,
          signal,
          parseAs: 'arrayBuffer',
        }),
      )
      return pointsIn(layout, data as unknown as ArrayBuffer)
    },
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  })
