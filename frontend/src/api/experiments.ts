import { api, bodyOf } from '@/api/client'
import type { ExperimentChange } from '@/api/types'

const one = (experiment_id: number) => ({ params: { path: { experiment_id } } })

/** Renames, describes, tags or pins; what is left out stays. */
export function changeExperiment({ id, ...body }: ExperimentChange & { id: number }) {
  return bodyOf(api.PATCH('/api/evaluation/experiments/{experiment_id}', { ...one(id), body }))
}

export function deleteExperiment(id: number) {
  return bodyOf(api.DELETE('/api/evaluation/experiments/{experiment_id}', one(id)))
}

/** Stores an experiment that was exported, here or elsewhere. */
export function importExperiment(file: Blob) {
  return bodyOf(
    api.POST('/api/evaluation/experiments/import', {
      // As it is: it may be larger than what is worth reading twice.
      body: file as never,
      bodySerializer: (body) => body,
      headers: { 'Content-Type': 'application/json' },
    }),
  )
}
