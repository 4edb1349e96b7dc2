import { skipToken, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { questionsQuery } from '@/api/questions'
import type { Kept } from './SavedQuestions'

interface Named {
  /** The saved question's name, as the address says it. */
  saved: string | undefined
  onSaved: (name: string | undefined) => void
}

/** The saved question that the bar began as; kept in the address, so that it outlives a reload. */
export function useSaved({ saved: name, onSaved }: Named) {
  const client = useQueryClient()
  const [chosen, setChosen] = useState<Kept>()
  const isKnown = chosen?.name === name
  const { data = null } = useQuery({
    queryKey: ['saved question', name],
    queryFn:
      name === undefined || isKnown
        ? skipToken
        : async (): Promise<Kept | null> => {
            const questions = await client.fetchQuery(questionsQuery)
            const found = questions.find((question) => question.name === name)
            if (found === undefined) return null
            const { valuesAsked } = await import('./asked')
            const asked = { request: found.request, experiment_name: '', presets: {} }
            return { name, values: valuesAsked(asked) }
          },
    retry: false,
  })
  const choose = (question: Kept) => {
    setChosen(question)
    onSaved(question.name)
  }
  const saved = name === undefined ? undefined : isKnown ? chosen : (data ?? undefined)
  return [saved, choose] as const
}
