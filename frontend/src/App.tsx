import { Link, Outlet } from '@tanstack/react-router'
import { ConfigProvider, Flex } from 'antd'
import type { Locale } from 'antd/es/locale'
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { onTokenState, tokenState } from '@/api/token'
import { ThemeNameContext } from '@/charts/palette'
import { ConnectionBadge, ConnectionNotice } from '@/components/Connection'
import { LanguageSwitch } from '@/components/LanguageSwitch'
import { NoticesProvider } from '@/components/Notices'
import { PageLoading } from '@/components/PageStates'
import { ThemeSwitch } from '@/components/ThemeSwitch'
import { ComparisonTray } from '@/features/compare/ComparisonTray'
import { FloatingTasks } from '@/features/tasks/FloatingTasks'
import { useStored } from '@/hooks/useStored'
import { antdLocale, english } from '@/i18n/antdLocale'
import { useLanguage } from '@/i18n/useFormats'
import { Commands } from '@/pages/Commands'
import { antdThemeOf, isThemeName, paint, type ThemeName } from '@/theme'
import './App.css'

const TokenDialog = lazy(async () => ({
  default: (await import('@/components/TokenDialog')).TokenDialog,
}))

function useAntdLocale(): Locale {
  const language = useLanguage()
  const [locale, setLocale] = useState<Locale>(english)
  useEffect(() => {
    let wanted = true
    void antdLocale(language).then((loaded) => wanted && setLocale(loaded))
    return () => {
      wanted = false
    }
  }, [language])
  return locale
}

/** The page's icon, which its first file has within it. */
const mark = document.querySelector<HTMLLinkElement>('link[rel=icon]')?.href

/** By script: a link to a place in the page would lead to the page's <base>. */
function skipToContent(): void {
  document.getElementById('content')?.focus()
}

function Header(props: { theme: ThemeName; onTheme: (theme: ThemeName) => void }) {
  const { t } = useTranslation()
  return (
    <header className="header">
      <button type="button" className="skip" onClick={skipToContent}>
        {t('app.skip')}
      </button>
      <Link to="/" className="brand">
        <img src={mark} alt="" width={24} height={24} />
        <strong>Tier6</strong>
        <span>{t('app.tagline')}</span>
      </Link>
      <nav className="nav" aria-label={t('app.navigation')}>
        <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
          {t('app.analysis')}
        </Link>
        <Link to="/overview">{t('overview.title')}</Link>
        <Link to="/what-if" activeOptions={{ includeSearch: false }}>
          {t('app.whatIf')}
        </Link>
        <Link to="/experiments">{t('app.experiments')}</Link>
        <Link to="/catalogue" activeOptions={{ includeSearch: false }}>
          {t('catalogue.title')}
        </Link>
      </nav>
      <Flex align="center" gap={12} style={{ marginLeft: 'auto' }}>
        <Commands {...props} />
        <ConnectionBadge />
        <LanguageSwitch />
        <ThemeSwitch theme={props.theme} onChange={props.onTheme} />
      </Flex>
    </header>
  )
}

/** Inside the providers, so that notices take language and theme. */
function Frame(props: { theme: ThemeName; onTheme: (theme: ThemeName) => void }) {
  const { wanted } = useSyncExternalStore(onTokenState, tokenState)
  return (
    <>
      <Header {...props} />
      <ConnectionNotice />
      <main id="content" className="content" tabIndex={-1}>
        <Suspense fallback={<PageLoading />}>
          <Outlet />
        </Suspense>
      </main>
      <ComparisonTray />
      <FloatingTasks />
      {wanted && (
        <Suspense>
          <TokenDialog />
        </Suspense>
      )}
    </>
  )
}

export function App() {
  const [theme, setTheme] = useStored<ThemeName>('tier6.theme', isThemeName, 'light')
  const locale = useAntdLocale()
  useEffect(() => paint(theme), [theme])
  return (
    <ConfigProvider theme={antdThemeOf(theme)} button={{ autoInsertSpace: false }} locale={locale}>
      <NoticesProvider>
        <ThemeNameContext value={theme}>
          <Frame theme={theme} onTheme={setTheme} />
        </ThemeNameContext>
      </NoticesProvider>
    </ConfigProvider>
  )
}
