import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { LoadFailed, PageLoading } from '@/components/PageStates'

/** What a query answered, once it has. */
export function Loaded<T>(props: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const { data, error, refetch } = props.query
  if (data !== undefined) return props.children(data)
  if (error === null) return <PageLoading />
  return <LoadFailed error={error} onRetry={() => void refetch()} />
}
