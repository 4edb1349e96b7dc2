import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '@/api/client'
import { keys } from '@/api/queries'

/** How the service is doing and what ended since then; asked anew with the lists of tasks. */
export const overviewQuery = (since: string) =>
  queryOptions({
    queryKey: [...keys.recent, 'overview', since],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/evaluation/overview', { params: { query: { since } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  })
