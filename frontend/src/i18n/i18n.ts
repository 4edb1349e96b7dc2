import i18next, { type i18n } from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { en, Translation } from '@/i18n/en'
import { initialLanguage, type Language, rememberLanguage } from '@/i18n/language'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    resources: { translation: typeof en }
  }
}

/** Only the language in use is fetched; the other one comes when somebody switches. */
async function texts(language: Language): Promise<Translation> {
  switch (language) {
    case 'zh':
      return (await import('@/i18n/zh')).zh
    case 'en':
      return (await import('@/i18n/en')).en
  }
}

async function addTexts(instance: i18n, language: Language): Promise<void> {
  if (!instance.hasResourceBundle(language, 'translation')) {
    instance.addResourceBundle(language, 'translation', await texts(language))
  }
}

export async function startI18n(language: Language = initialLanguage()): Promise<i18n> {
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: await texts(language) } },
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  return i18next
}

export async function switchLanguage(language: Language): Promise<void> {
  await addTexts(i18next, language)
  await i18next.changeLanguage(language)
  rememberLanguage(language)
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
}
