import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { planTitle } from '@/features/results/planText'
import { WhatIf } from '@/features/whatIf/WhatIf'
import type { WhatIfSearch } from '@/searchParams'

const route = getRouteApi('/what-if')

/** One deployment under sliders; the address keeps where they stand. */
export function WhatIfPage() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = (change: Partial<WhatIfSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false })
  return (
    <div className="page stack">
      <title>{`${t('app.whatIf')} · Tier6`}</title>
      <header className="page-header">
        <h1>{t('app.whatIf')}</h1>
        <p>{t('whatIf.hint')}</p>
      </header>
      <WhatIf search={search} onSearch={change} planName={planTitle} />
    </div>
  )
}
