import type { Locale } from 'antd/es/locale'
import { assertNever } from '@/assertNever'
import type { Language } from '@/i18n/language'

/** Words inside antd's own controls; English is what antd brings along. */
export async function antdLocale(language: Language): Promise<Locale | undefined> {
  switch (language) {
    case 'en':
      return undefined
    case 'zh':
      return (await import('antd/es/locale/zh_CN')).default
    default:
      return assertNever(language)
  }
}
