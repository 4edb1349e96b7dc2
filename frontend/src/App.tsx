import { Link, Outlet } from '@tanstack/react-router'
import { ConfigProvider } from 'antd'
import type { Locale } from 'antd/es/locale'
import { Suspense, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ThemeNameContext } from '@/charts/palette'
import { ConnectionBadge } from '@/components/ConnectionBadge'
import { FloatingTasks } from '@/components/FloatingTasks'
import { LanguageSwitch } from '@/components/LanguageSwitch'
import { NoticesProvider } from '@/components/Notices'
import { PageLoading } from '@/components/PageStates'
import { ThemeSwitch } from '@/components/ThemeSwitch'
import { TokenDialog } from '@/components/TokenDialog'
import { useRestoredNotice } from '@/hooks/useRestoredNotice'
import { useStored } from '@/hooks/useStored'
import { antdLocale } from '@/i18n/antdLocale'
import { useLanguage } from '@/i18n/useFormats'
import { antdThemeOf, isThemeName, type ThemeName } from '@/theme'

function useAntdLocale(): Locale | undefined {
  const language = useLanguage()
  const [locale, setLocale] = useState<Locale>()
  useEffect(() => {
    let wanted = true
    void antdLocale(language).then((loaded) => wanted && setLocale(loaded))
    return () => {
      wanted = false
    }
  }, [language])
  return locale
}

function Header(props: { theme: ThemeName; onTheme: (theme: ThemeName) => void }) {
  const { t } = useTranslation()
  return (
    <header className="header">
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <Link to="/" className="brand" aria-label={`Tier6 — ${t('app.tagline')}`}>
        <img src="/favicon.svg" alt="" width={24} height={24} />
        <span className="brand-name">Tier6</span>
        <span className="brand-tagline">{t('app.tagline')}</span>
      </Link>
      <nav className="nav" aria-label={t('app.navigation')}>
        <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
          {t('app.analysis')}
        </Link>
        <Link to="/what-if" activeOptions={{ includeSearch: false }}>
          {t('app.whatIf')}
        </Link>
        <Link to="/experiments">{t('app.experiments')}</Link>
      </nav>
      <div className="header-tools">
        <ConnectionBadge />
        <LanguageSwitch />
        <ThemeSwitch theme={props.theme} onChange={props.onTheme} />
      </div>
    </header>
  )
}

/** Inside the providers, so that notices take language and theme. */
function Frame(props: { theme: ThemeName; onTheme: (theme: ThemeName) => void }) {
  useRestoredNotice()
  return (
    <>
      <Header {...props} />
      <main id="content" className="content" tabIndex={-1}>
        <Suspense fallback={<PageLoading />}>
          <Outlet />
        </Suspense>
      </main>
      <FloatingTasks />
      <TokenDialog />
    </>
  )
}

export function App() {
  const [theme, setTheme] = useStored<ThemeName>('tier6.theme', isThemeName, 'light')
  const locale = useAntdLocale()
  useEffect(() => {
    document.documentElement.dataset.theme = theme
    document.documentElement.style.colorScheme = theme
  }, [theme])
  return (
    <ConfigProvider
      theme={antdThemeOf(theme)}
      button={{ autoInsertSpace: false }}
      {...(locale === undefined ? {} : { locale })}
    >
      <NoticesProvider>
        <ThemeNameContext value={theme}>
          <Frame theme={theme} onTheme={setTheme} />
        </ThemeNameContext>
      </NoticesProvider>
    </ConfigProvider>
  )
}
