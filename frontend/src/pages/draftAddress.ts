import type { AnalysisSearch } from '@/searchParams'

/** Proxies cut addresses at about 8,000 signs: longer drafts stay with the tab. */
const mostSigns = 4000
const place = 'tier6.draft'

type Draft = Record<string, unknown>

/** The draft of the question in an address. */
export function draftIn({ draft }: Pick<AnalysisSearch, 'draft'>): Draft | undefined {
  if (draft !== 'kept') return draft
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(place) ?? 'null')
    return typeof kept === 'object' && kept !== null ? { ...kept } : undefined
  } catch {
    return undefined
  }
}

/** What an address says of a draft. */
export function draftParameter(draft: Draft): AnalysisSearch['draft'] {
  const text = JSON.stringify(draft)
  if (text.length <= mostSigns) return draft
  sessionStorage.setItem(place, text)
  return 'kept'
}
