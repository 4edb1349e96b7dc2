import { Input } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { VirtualTable } from '@/components/VirtualTable'
import { useFormats } from '@/i18n/useFormats'
import type { CatalogueSearch } from '@/searchParams'
import { rowsWith, sortedBy, type ValuedColumn } from './rows'

export interface KindProps {
  search: CatalogueSearch
  onSearch: (change: Partial<CatalogueSearch>) => void
}

interface CatalogueTableProps<Row> extends KindProps {
  caption: string
  columns: readonly ValuedColumn<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  wordsOf: (row: Row) => readonly string[]
  /** Beside the search. */
  children?: ReactNode
  onSelect?: (row: Row) => void
}

export function SearchInput({ search, onSearch }: KindProps) {
  const { t } = useTranslation()
  return (
    <Input
      type="search"
      allowClear
      className="catalogue-search"
      aria-label={t('catalogue.search')}
      aria-keyshortcuts="/"
      placeholder={t('catalogue.search')}
      value={search.text ?? ''}
      onChange={({ target }) => onSearch({ text: target.value || undefined })}
    />
  )
}

/** Entries that can be searched and sorted; both stand in the address. */
export function CatalogueTable<Row>(props: CatalogueTableProps<Row>) {
  const { caption, columns, rows, rowKey, wordsOf, search, onSearch } = props
  const { t } = useTranslation()
  const { integer } = useFormats()
  const found = rowsWith(rows, search.text ?? '', wordsOf)
  const column = columns.find(({ key }) => key === search.by)
  const shown = column === undefined ? found : sortedBy(found, column.value, search.desc === true)
  const sort = (key: string) => {
    const again = search.by === key
    // Once up, once down, then as it was.
    if (again && search.desc) return onSearch({ by: undefined, desc: undefined })
    onSearch({ by: key, desc: again || undefined })
  }
  return (
    <section className="panel" aria-label={caption}>
      <header className="panel-header">
        <SearchInput search={search} onSearch={onSearch} />
        <span className="muted" aria-live="polite">
          {t('catalogue.shown', { shown: integer(shown.length), total: integer(rows.length) })}
        </span>
        {props.children}
      </header>
      {shown.length === 0 ? (
        <p className="empty">{t('catalogue.noneMatching')}</p>
      ) : (
        <VirtualTable
          caption={caption}
          columns={columns.map((one) => ({ ...one, sortable: true }))}
          rows={shown}
          rowKey={rowKey}
          rowHeight={34}
          sorting={column && { column: column.key, descending: search.desc === true }}
          onSort={sort}
          selectedKey={search.entry}
          onSelect={props.onSelect}
        />
      )}
    </section>
  )
}
