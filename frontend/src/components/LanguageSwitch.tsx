import { Segmented } from 'antd'
import { useTranslation } from 'react-i18next'
import { switchLanguage } from '@/i18n/i18n'
import type { Language } from '@/i18n/language'
import { useLanguage } from '@/i18n/useFormats'

const names: { value: Language; label: string }[] = [
  { value: 'zh', label: '中文' },
  { value: 'en', label: 'English' },
]

export function LanguageSwitch() {
  const { t } = useTranslation()
  return (
    <Segmented<Language>
      size="small"
      aria-label={t('app.language')}
      name="language"
      options={names}
      value={useLanguage()}
      onChange={(language) => void switchLanguage(language)}
    />
  )
}
