import { queryOptions, skipToken } from '@tanstack/react-query'
import { api, bodyOf } from '@/api/client'
import type { components } from '@/api/schema.gen'

type Schemas = components['schemas']
export type Explanation = Schemas['Explanation']
export type ExplainRequest = Schemas['ExplainRequest']
export type PlanGiven = Schemas['PlanGiven']

/** One plan, and where each of its figures comes from. */
export const explainQuery = (body: ExplainRequest | undefined) =>
  queryOptions({
    queryKey: ['explanation', body],
    queryFn:
      body === undefined
        ? skipToken
        : ({ signal }) => bodyOf(api.POST('/api/evaluation/explain', { body, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
