import { type UIEvent, useState } from 'react'
import { windowOf } from './rowWindow'
import './RowTable.css'

export interface RowColumn<K extends string> {
  readonly key: K
  readonly title: string
  readonly unit?: string
  readonly numeric?: boolean
  readonly text: (row: number) => string
}

interface RowTableProps<K extends string> {
  caption: string
  columns: readonly RowColumn<K>[]
  /** Which rows, in what order. */
  rows: ArrayLike<number>
  sorting: { readonly column: K; readonly descending: boolean }
  onSort: (column: K) => void
  selected: number | undefined
  onSelect: (row: number) => void
  nameOf: (row: number) => string
  height: number
}

const rowHeight = 30

/** In place of the rows before those in sight; the others are room below the table. */
function Space({ rows }: { rows: number }) {
  return (
    <tr>
      <td style={{ height: rows * rowHeight, padding: 0 }} />
    </tr>
  )
}

/** As many rows as there may be: only those in sight are in the document. */
export function RowTable<K extends string>(props: RowTableProps<K>) {
  const { caption, columns, rows, sorting, onSort, selected, onSelect, nameOf, height } = props
  const [top, setTop] = useState(0)
  const { first, last } = windowOf(top, height, rowHeight, rows.length)
  const shown = Array.from({ length: last - first }, (_, i) => rows[first + i] ?? 0)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls, a section a landmark
    <div
      className="row-table"
      role="group"
      aria-label={caption}
      style={{ maxHeight: height }}
      onScroll={({ currentTarget }: UIEvent<HTMLElement>) => setTop(currentTarget.scrollTop)}
    >
      <div style={{ paddingBottom: (rows.length - last) * rowHeight }}>
        <table aria-label={caption} aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              {columns.map(({ key, title, unit, numeric }) => (
                <th
                  key={key}
                  className={numeric ? 'numeric' : ''}
                  aria-sort={
                    sorting.column === key
                      ? sorting.descending
                        ? 'descending'
                        : 'ascending'
                      : 'none'
                  }
                >
                  <button type="button" onClick={() => onSort(key)}>
                    {title}
                    {unit !== undefined && <span className="unit"> {unit}</span>}
                    <span aria-hidden="true">
                      {sorting.column === key ? (sorting.descending ? ' ↓' : ' ↑') : ''}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first > 0 && <Space rows={first} />}
            {shown.map((row, index) => (
              <tr
                key={row}
                aria-rowindex={first + index + 2}
                aria-current={row === selected || undefined}
                style={{ height: rowHeight }}
              >
                {columns.map(({ key, numeric, text }, position) => (
                  <td key={key} className={numeric ? 'numeric' : ''}>
                    {position === 0 ? (
                      <button type="button" aria-label={nameOf(row)} onClick={() => onSelect(row)}>
                        {text(row)}
                      </button>
                    ) : (
                      text(row)
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}
