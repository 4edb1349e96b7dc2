import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '@/api/client'
import type { SubmitRequest } from '@/api/types'

/** The saved questions of all who use the service. */
export const questionsQuery = queryOptions({
  queryKey: ['questions'],
  queryFn: async ({ signal }) => (await bodyOf(api.GET('/api/questions', { signal }))).questions,
})

/** Keeps a question under a name, in place of what had it. */
export function saveQuestion({ name, request }: { name: string; request: SubmitRequest }) {
  const { experiment_name, description, priority, ...evaluation } = request
  return bodyOf(api.POST('/api/questions', { body: { name, ...evaluation } }))
}

export function deleteQuestion(question_id: number) {
  return bodyOf(api.DELETE('/api/questions/{question_id}', { params: { path: { question_id } } }))
}
