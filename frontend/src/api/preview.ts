import { keepPreviousData, queryOptions, skipToken } from '@tanstack/react-query'
import { api, bodyOf } from '@/api/client'
import type { CountRequest, PreviewRequest } from '@/api/types'

/**
 * A small evaluation at once, nothing stored. Of one `client` only the newest waits at the service,
 * so each place on a page that asks by itself has a name of its own.
 */
export const previewQuery = (body: PreviewRequest | undefined, client: string) =>
  queryOptions({
    queryKey: ['preview', body],
    queryFn:
      body === undefined
        ? skipToken
        : ({ signal }) => {
            const params = { header: { 'X-Preview-Client': client } }
            return bodyOf(api.POST('/api/evaluation/preview', { body, params, signal }))
          },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })

/** How much an evaluation is, nothing of it evaluated. */
export const countQuery = (body: CountRequest | undefined, client: string) =>
  queryOptions({
    queryKey: ['count', body],
    queryFn:
      body === undefined
        ? skipToken
        : ({ signal }) => {
            const params = { header: { 'X-Preview-Client': client } }
            return bodyOf(api.POST('/api/evaluation/count', { body, params, signal }))
          },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
