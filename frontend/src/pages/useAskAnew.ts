import { useQueryClient } from '@tanstack/react-query'
import { useNotices } from '@/components/Notices'
import { useDestinations } from './useDestinations'

/** Puts a request into the question bar, as a draft that is not submitted. */
export function useAskAnew() {
  const client = useQueryClient()
  const notices = useNotices()
  const { ask } = useDestinations()
  return async (request: Readonly<Record<string, unknown>>, experimentName: string) => {
    try {
      const [{ questionOf }, { draftOf }] = await Promise.all([
        import('@/features/deploymentForm/questionOfTask'),
        import('@/features/deploymentForm/draft'),
      ])
      ask(draftOf(await questionOf(client, request, experimentName)) ?? {})
    } catch (error) {
      notices.error(error instanceof Error ? error.message : String(error))
    }
  }
}
