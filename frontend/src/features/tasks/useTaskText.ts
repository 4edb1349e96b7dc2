import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { chipsQuery } from '@/api/catalogue'
import type { TaskSummary } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'
import { usePresetTitle } from '@/i18n/usePresetTitle'
import { shortChip } from '@/shortChip'
import { type Question, questionOf } from './question'

/** What a row says of a task's question and best plan, chips by the names of their presets. */
export function useTaskText(): (task: TaskSummary) => Question {
  const { data: chips } = useQuery(chipsQuery)
  const presetTitle = usePresetTitle()
  const { t } = useTranslation()
  const formats = useFormats()
  const chipName = useMemo(() => {
    const titles = new Map(chips?.map((chip) => [chip.name, shortChip(presetTitle(chip))]))
    return (name: string) => titles.get(name) ?? name
  }, [chips, presetTitle])
  return useCallback((task) => questionOf(task, chipName, t, formats), [chipName, t, formats])
}
