import { memo, type ReactNode, useEffect, useEffectEvent, useRef } from 'react'
import type { Column, Sorting } from '@/components/columns'
import { useWindowed } from '@/hooks/useWindowed'
import './VirtualTable.css'

export interface WideColumn<Row, K extends string = string> extends Column<Row, K> {
  /** In pixels; the rest of the width goes to the columns without one. */
  readonly width?: number
  /** A control in place of the plain title. */
  readonly head?: ReactNode
  /** Says its title to screen readers only. */
  readonly untitled?: boolean
}

interface VirtualTableProps<Row, K extends string> {
  readonly caption: string
  readonly columns: readonly WideColumn<Row, K>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  /** Changes where something that no row says changes what rows show. */
  readonly version?: unknown
  readonly sorting?: Sorting<K> | undefined
  readonly onSort?: ((column: K) => void) | undefined
  readonly selectedKey?: string | undefined
  /** The row that the keyboard is at. */
  readonly activeKey?: string | undefined
  readonly onSelect?: ((row: Row) => void) | undefined
  /** Called when the last rows come into sight. */
  readonly onEnd?: (() => void) | undefined
  /** Whether there are no further rows to come. */
  readonly complete?: boolean
  readonly rowHeight?: number
}

const ownControls = 'a, button, input, label, [role=dialog], [role=tooltip]'
/** Rows from the end at which more are asked for. */
const ahead = 10
const arrows = { none: '↕', ascending: '↑', descending: '↓' } as const

interface RowProps<Row, K extends string> {
  row: Row
  index: number
  columns: readonly WideColumn<Row, K>[]
  selected: boolean
  active: boolean
  id: string
  height: number
  version: unknown
}

function PlainRow<Row, K extends string>(props: RowProps<Row, K>) {
  const { row, index, columns, selected, active, id, height } = props
  return (
    <tr
      data-key={id}
      aria-rowindex={index + 2}
      aria-current={selected || undefined}
      className={active ? 'active' : undefined}
      style={{ height }}
    >
      {columns.map(({ key, numeric, names, render }) =>
        names === true ? (
          <th key={key} scope="row">
            {render(row)}
          </th>
        ) : (
          <td key={key} className={numeric ? 'numeric' : undefined}>
            {render(row)}
          </td>
        ),
      )}
    </tr>
  )
}

/**
 * Used again for another row when rows before it come or go: cells keep no state of their row.
 * Rendered anew only when its own row, the columns or the version change.
 */
const TableRow = memo(PlainRow) as typeof PlainRow

function HeadCell<Row, K extends string>(props: {
  column: WideColumn<Row, K>
  sorting: Sorting<K> | undefined
  onSort: ((column: K) => void) | undefined
}) {
  const { column, sorting, onSort } = props
  const { key, title, unit, hint, numeric, sortable, head, untitled } = column
  const sorted =
    sorting?.column === key ? (sorting.descending ? 'descending' : 'ascending') : 'none'
  return (
    <th
      scope="col"
      title={hint}
      className={numeric ? 'numeric' : undefined}
      {...(sortable && { 'aria-sort': sorted })}
    >
      {head ??
        (sortable && onSort !== undefined ? (
          <button type="button" className="sort" onClick={() => onSort(key)}>
            {title}
            <span aria-hidden="true" className="arrow">
              {arrows[sorted]}
            </span>
            {unit !== undefined && <span className="unit">{unit}</span>}
          </button>
        ) : untitled ? (
          <span className="visually-hidden">{title}</span>
        ) : (
          <>
            {title}
            {unit !== undefined && <span className="unit">{unit}</span>}
          </>
        ))}
    </th>
  )
}

function Gap({ height, columns }: { height: number; columns: number }) {
  return height > 0 ? (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row without content takes no focus
    <tr aria-hidden="true" className="gap" style={{ height }}>
      <td colSpan={columns} />
    </tr>
  ) : null
}

/**
 * A table of any number of rows, of which only those in sight are in the document. All rows have one
 * height and columns their widths, so that nothing moves while one scrolls.
 */
export function VirtualTable<Row, K extends string>(props: VirtualTableProps<Row, K>) {
  const { caption, columns, rows, rowKey, sorting, onSort, selectedKey, activeKey } = props
  const { onSelect, complete = true, rowHeight = 36, version } = props
  const scroller = useRef<HTMLDivElement>(null)
  const shown = useWindowed(scroller, rows.length, rowHeight)
  const { first, last } = shown
  const onEnd = useEffectEvent(() => props.onEnd?.())
  useEffect(() => {
    if (last >= rows.length - 1 - ahead) onEnd()
  }, [last, rows.length])
  const active = activeKey === undefined ? -1 : rows.findIndex((row) => rowKey(row) === activeKey)
  const reveal = useEffectEvent(() => {
    shown.reveal(active)
  })
  useEffect(() => {
    if (active >= 0) reveal()
  }, [active])
  const width = columns.reduce((sum, column) => sum + (column.width ?? 160), 0)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls, a section a landmark
    // biome-ignore lint/a11y/useKeyWithClickEvents: a button or link in the row is the keyboard's way
    <div
      ref={scroller}
      className="virtual-table"
      role="group"
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: only a stop of its own lets the keyboard scroll it
      tabIndex={0}
      data-complete={complete || undefined}
      onClick={({ target }) => {
        if (!(target instanceof Element) || target.closest(ownControls)) return
        const key = target.closest('tr')?.dataset.key
        const row = key && rows.find((one) => rowKey(one) === key)
        if (row) onSelect?.(row)
      }}
    >
      {/* Room for the rows that follow: a row in their place would be moved by each scroll. */}
      <div style={{ minWidth: width, paddingBottom: (rows.length - 1 - last) * rowHeight }}>
        <table
          aria-label={caption}
          aria-rowcount={complete ? rows.length + 1 : -1}
          className={onSelect === undefined ? undefined : 'selectable'}
        >
          <colgroup>
            {columns.map(({ key, width }) => (
              <col key={key} style={width === undefined ? undefined : { width }} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((column) => (
                <HeadCell key={column.key} column={column} sorting={sorting} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Gap height={first * rowHeight} columns={columns.length} />
            {rows.slice(first, last + 1).map((row, place) => {
              const key = rowKey(row)
              return (
                <TableRow
                  // biome-ignore lint/suspicious/noArrayIndexKey: what a row is about changes, it stays
                  key={first + place}
                  id={key}
                  row={row}
                  index={first + place}
                  columns={columns}
                  selected={key === selectedKey}
                  active={key === activeKey}
                  height={rowHeight}
                  version={version}
                />
              )
            })}
          </tbody>
        </table>
      </div>
    </div>
  )
}
