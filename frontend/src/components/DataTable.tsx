import { CaretDownFilled, CaretUpFilled } from '@ant-design/icons'
import type { MouseEvent, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

export interface Sorting<K extends string> {
  readonly column: K
  readonly descending: boolean
}

export interface Column<Row, K extends string> {
  readonly key: K
  readonly title: string
  /** A control in place of the title, which then is only its name. */
  readonly header?: ReactNode
  readonly unit?: string
  readonly hint?: string
  readonly numeric?: boolean
  readonly sortable?: boolean
  readonly render: (row: Row) => ReactNode
}

interface DataTableProps<Row, K extends string> {
  readonly caption: string
  readonly columns: readonly Column<Row, K>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  readonly sorting?: Sorting<K> | undefined
  readonly onSort?: ((column: K) => void) | undefined
  readonly selectedKey?: string | undefined
  readonly onSelect?: ((row: Row) => void) | undefined
  readonly footer?: ReactNode
}

function HeaderCell<Row, K extends string>(props: {
  column: Column<Row, K>
  sorting?: Sorting<K> | undefined
  onSort?: ((column: K) => void) | undefined
}) {
  const { column, sorting, onSort } = props
  const { t } = useTranslation()
  const active = sorting?.column === column.key
  const direction = sorting?.descending ? 'descending' : 'ascending'
  const text = (
    <>
      {column.title}
      {column.unit !== undefined && <span className="unit"> {column.unit}</span>}
    </>
  )
  return (
    <th
      scope="col"
      className={column.numeric ? 'numeric' : undefined}
      title={column.hint}
      aria-sort={active ? direction : undefined}
    >
      {column.sortable && onSort !== undefined ? (
        <button
          type="button"
          className="sort"
          onClick={() => onSort(column.key)}
          aria-label={`${t('result.sortBy', { column: column.title })}${column.unit ? ` (${column.unit})` : ''}`}
        >
          <span>{text}</span>
          <span aria-hidden="true" className={active ? 'caret' : 'caret caret-idle'}>
            {active && sorting?.descending ? <CaretDownFilled /> : <CaretUpFilled />}
          </span>
        </button>
      ) : (
        (column.header ?? text)
      )}
    </th>
  )
}

const ownControls = 'a, button, input, label'

/**
 * A dense native table with real headers and sort buttons. A click anywhere in a row selects it;
 * whoever passes `onSelect` also renders a button in the row, which is the keyboard's way.
 */
export function DataTable<Row, K extends string>(props: DataTableProps<Row, K>) {
  const { caption, columns, rows, rowKey, sorting, onSort, selectedKey, onSelect, footer } = props
  const selection = (row: Row) => {
    if (selectedKey === undefined && onSelect === undefined) return {}
    return {
      'aria-current': rowKey(row) === selectedKey || undefined,
      onClick: ({ target }: MouseEvent) => {
        if (!(target instanceof Element && target.closest(ownControls))) onSelect?.(row)
      },
    }
  }
  return (
    <section className="table-scroll" aria-label={caption}>
      <table className={onSelect === undefined ? 'data' : 'data data-selectable'}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell key={column.key} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} data-key={rowKey(row)} {...selection(row)}>
              {columns.map((column) => (
                <td key={column.key} className={column.numeric ? 'numeric' : undefined}>
                  {column.render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {footer !== undefined && <tfoot>{footer}</tfoot>}
      </table>
    </section>
  )
}
