import { useTranslation } from 'react-i18next'
import { switchLanguage } from '@/i18n/i18n'
import type { Language } from '@/i18n/language'
import { useLanguage } from '@/i18n/useFormats'
import './LanguageSwitch.css'

const names: { value: Language; label: string }[] = [
  { value: 'zh', label: '中文' },
  { value: 'en', label: 'English' },
]

/** Native: antd's would bring its tooltips to every first visit. */
export function LanguageSwitch() {
  const { t } = useTranslation()
  const language = useLanguage()
  return (
    <fieldset className="language-switch">
      <legend className="visually-hidden">{t('app.language')}</legend>
      {names.map(({ value, label }) => (
        <label key={value}>
          <input
            type="radio"
            name="language"
            className="visually-hidden"
            checked={value === language}
            onChange={() => void switchLanguage(value)}
          />
          <span lang={value}>{label}</span>
        </label>
      ))}
    </fieldset>
  )
}
