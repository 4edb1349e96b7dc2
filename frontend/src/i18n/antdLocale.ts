import type { Locale } from 'antd/es/locale'
import english from 'antd/es/locale/en_US'
import { assertNever } from '@/assertNever'
import type { Language } from '@/i18n/language'

/** What antd brings along. Pages start with it: a first locale that came later would mount anew. */
export { english }

/** Words inside antd's own controls. */
export async function antdLocale(language: Language): Promise<Locale> {
  switch (language) {
    case 'en':
      return english
    case 'zh':
      return (await import('antd/es/locale/zh_CN')).default
    default:
      return assertNever(language)
  }
}
