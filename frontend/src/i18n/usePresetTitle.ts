import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

/** A preset's title in the reader's language; one this page has no words for keeps its own. */
export function usePresetTitle(): (preset: { name: string; title: string }) => string {
  const { t, i18n } = useTranslation()
  return useCallback(
    ({ name, title }) => {
      const key = `preset.${name}`
      return i18n.exists(key) ? t(key as 'preset.chat') : title
    },
    [t, i18n],
  )
}
