export type Language = 'zh' | 'en'

const key = 'tier6.language'

export function isLanguage(value: unknown): value is Language {
  return value === 'zh' || value === 'en'
}

/** The language chosen before, else the browser's if it is Chinese, else English. */
export function initialLanguage(
  remembered: string | null = localStorage.getItem(key),
  preferred: readonly string[] = navigator.languages,
): Language {
  if (isLanguage(remembered)) return remembered
  return preferred[0]?.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(key, language)
}
