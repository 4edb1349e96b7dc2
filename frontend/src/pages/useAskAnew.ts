import { useQueryClient } from '@tanstack/react-query'
import { useNotices } from '@/components/Notices'
import { draftOf } from '@/features/deploymentForm/draft'
import { useDestinations } from './useDestinations'

/** Puts a request into the question bar, as a draft that is not submitted. */
export function useAskAnew() {
  const client = useQueryClient()
  const notices = useNotices()
  const { ask } = useDestinations()
  return async (request: Readonly<Record<string, unknown>>, experimentName: string) => {
    try {
      const { questionOf } = await import('@/features/deploymentForm/questionOfTask')
      ask(draftOf(await questionOf(client, request, experimentName)) ?? {})
    } catch (error) {
      notices.error(error instanceof Error ? error.message : String(error))
    }
  }
}
