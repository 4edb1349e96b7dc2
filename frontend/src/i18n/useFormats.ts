import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { type Formats, formatsFor } from '@/i18n/format'
import { isLanguage, type Language } from '@/i18n/language'

export function useLanguage(): Language {
  const { i18n } = useTranslation()
  return isLanguage(i18n.language) ? i18n.language : 'en'
}

export function useFormats(): Formats {
  const language = useLanguage()
  return useMemo(() => formatsFor(language), [language])
}
