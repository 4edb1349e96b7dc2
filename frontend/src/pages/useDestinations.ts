import { useLocation, useNavigate } from '@tanstack/react-router'
import * as v from 'valibot'
import { focusWhenThere } from '@/hooks/focusWhenThere'
import { type AnalysisSearch, analysisSearch, historySearch } from '@/searchParams'
import { draftParameter } from './draftAddress'

/** The search field of a page; the history's has it too. */
const searchField = '[aria-keyshortcuts="/"]'

/** Where commands lead to, from whatever page. */
export function useDestinations() {
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  const analyse = (next: AnalysisSearch) =>
    void navigate({ to: '/', search: next, resetScroll: false })
  const history = pathname === '/' ? v.parse(historySearch, search) : {}
  return {
    /** The question as the page starts, with the keyboard at its first part. */
    newQuestion() {
      analyse({ ...history, draft: {} })
      focusWhenThere('[data-part=model]')
    },
    /** A question, perhaps a saved one, with the keyboard at the button that runs it; an open
     * result stays. */
    ask(draft: Record<string, unknown>, saved?: string) {
      const now = pathname === '/' ? v.parse(analysisSearch, search) : {}
      analyse({ ...now, draft: draftParameter(draft), saved })
      focusWhenThere('.question-bar [type=submit]')
    },
    /** The search field of this page, else that of the history. */
    search() {
      if (document.querySelector(searchField) === null) analyse(history)
      focusWhenThere(searchField)
    },
    /** The tasks that have all these words. */
    findTasks(text: string) {
      const now = pathname === '/' ? v.parse(analysisSearch, search) : {}
      analyse({ ...now, text })
      focusWhenThere(searchField)
    },
  }
}
