import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { httpPost } from '@/api/http'
import type { PreviewRequest, PreviewResult } from '@/api/types'

/**
 * A small evaluation at once, nothing stored. Of one `client` only the newest waits at the service,
 * so each place on a page that asks by itself has a name of its own.
 */
export const previewQuery = (request: PreviewRequest | undefined, client: string) =>
  queryOptions({
    queryKey: ['preview', request],
    queryFn: ({ signal }) =>
      httpPost<PreviewResult>('/api/evaluation/preview', request, {
        signal,
        headers: { 'X-Preview-Client': client },
      }),
    enabled: request !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
