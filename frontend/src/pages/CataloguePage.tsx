import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { assertNever } from '@/assertNever'
import { Calibrations } from '@/features/catalogue/Calibrations'
import type { KindProps } from '@/features/catalogue/CatalogueTable'
import { Chips } from '@/features/catalogue/Chips'
import { EntryDetails } from '@/features/catalogue/EntryDetails'
import { Models } from '@/features/catalogue/Models'
import { SupportMatrix } from '@/features/catalogue/SupportMatrix'
import { Topologies } from '@/features/catalogue/Topologies'
import { type CatalogueKind, type CatalogueSearch, catalogueKinds } from '@/searchParams'
import './CataloguePage.css'

const route = getRouteApi('/catalogue')

function Entries({ kind, ...props }: KindProps & { kind: CatalogueKind }) {
  switch (kind) {
    case 'models':
      return <Models {...props} />
    case 'chips':
      return <Chips {...props} />
    case 'topologies':
      return <Topologies {...props} />
    case 'calibrations':
      return <Calibrations {...props} />
    case 'support':
      return <SupportMatrix {...props} />
    default:
      return assertNever(kind)
  }
}

/** What can be named in a request, with its source; what predictions rest on, with their errors. */
export function CataloguePage() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { kind = 'models', entry } = search
  const change = (change: Partial<CatalogueSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false })
  const detailed = kind !== 'calibrations' && kind !== 'support' ? kind : undefined
  return (
    <div className="page page-wide stack">
      <title>{`${t('catalogue.title')} · Tier6`}</title>
      <header className="page-header">
        <h1>{t('catalogue.title')}</h1>
        <p>{t(`catalogue.hint_${kind}`)}</p>
      </header>
      <nav className="kinds" aria-label={t('catalogue.kinds')}>
        {catalogueKinds.map((one) => (
          <Link
            key={one}
            to="/catalogue"
            search={{ kind: one }}
            aria-current={one === kind ? 'page' : undefined}
          >
            {t(`catalogue.kind_${one}`)}
          </Link>
        ))}
      </nav>
      <div className={detailed && entry ? 'catalogue-split' : undefined}>
        <div className="stack">
          <Entries kind={kind} search={search} onSearch={change} />
        </div>
        {detailed && entry && (
          <EntryDetails kind={detailed} name={entry} onClose={() => change({ entry: undefined })} />
        )}
      </div>
    </div>
  )
}
