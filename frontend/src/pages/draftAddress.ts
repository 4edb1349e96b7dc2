import type { AnalysisSearch } from '@/searchParams'

/** Proxies cut addresses at about 8,000 signs: longer drafts stay with the tab. */
const mostSigns = 4000
const place = 'tier6.draft'
const unsavedPlace = 'tier6.draft.unsaved'

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

/** Keeps what the address does not say yet, for a page that is being left. */
export function keepUnsaved(draft: Draft): void {
  const kept = { address: location.href, draft }
  sessionStorage.setItem(unsavedPlace, JSON.stringify(kept))
}

/** What was typed last at this address and is not in it; told once. */
export function takeUnsaved(): Draft | undefined {
  const text = sessionStorage.getItem(unsavedPlace)
  if (text === null) return undefined
  sessionStorage.removeItem(unsavedPlace)
  const { address, draft } = JSON.parse(text) as { address: string; draft: Draft }
  return address === location.href ? draft : undefined
}

/** What an address says of a draft. */
export function draftParameter(draft: Draft): AnalysisSearch['draft'] {
  const text = JSON.stringify(draft)
  if (text.length <= mostSigns) return draft
  sessionStorage.setItem(place, text)
  return 'kept'
}
