import { Table } from 'antd'
import type { MouseEvent, ReactNode } from 'react'
import type { Column, Sorting } from './columns'
import './DataTable.css'

interface DataTableProps<Row, K extends string> {
  readonly caption: string
  readonly columns: readonly Column<Row, K>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  readonly sorting?: Sorting<K> | undefined
  readonly onSort?: ((column: K) => void) | undefined
  /** The row that something is shown of. */
  readonly selectedKey?: string | undefined
  readonly onSelect?: ((row: Row) => void) | undefined
  /** A box in each row, and one for all. */
  readonly ticks?: {
    readonly keys: readonly string[]
    readonly nameOf: (row: Row) => string
    readonly nameOfAll: string
    readonly onTick: (keys: readonly string[]) => void
  }
  /** Scrolls within the page, below its head. */
  readonly tall?: boolean
  readonly footer?: ReactNode
}

/** Marks a scroller while some of its table is beyond its end. */
function markMore(scroller: HTMLElement | null) {
  if (scroller === null) return
  const look = () => {
    const { scrollLeft, clientWidth, scrollWidth } = scroller
    scroller.toggleAttribute('data-more', scrollWidth - clientWidth - scrollLeft > 1)
  }
  const watched = new ResizeObserver(look)
  watched.observe(scroller)
  const table = scroller.querySelector('table')
  if (table !== null) watched.observe(table)
  scroller.addEventListener('scroll', look, { passive: true })
  return () => {
    watched.disconnect()
    scroller.removeEventListener('scroll', look)
  }
}

const ownControls = 'a, button, input, label'

/**
 * A dense table. A click anywhere in a row selects it; whoever passes `onSelect` also renders a
 * button in the row, which is the keyboard's way.
 */
export function DataTable<Row, K extends string>(props: DataTableProps<Row, K>) {
  const { caption, columns, rows, rowKey, sorting, onSort, selectedKey, onSelect, ticks } = props
  return (
    // Without a control in it, only a stop of its own lets the keyboard scroll it.
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls, a section a landmark
    <div
      ref={markMore}
      className={props.tall ? 'data-table data-table-tall' : 'data-table'}
      role="group"
      aria-label={caption}
      {...(onSelect === undefined && ticks === undefined && { tabIndex: 0 })}
    >
      <Table<Row>
        aria-label={caption}
        size="small"
        pagination={false}
        showSorterTooltip={false}
        rowClassName={onSelect === undefined ? '' : 'selectable'}
        dataSource={rows}
        rowKey={rowKey}
        columns={columns.map(
          ({ key, title, unit, hint, numeric, sortable, names, pinned, render }) => ({
            key,
            title: (
              <>
                {title}
                {unit !== undefined && <span className="unit"> {unit}</span>}
              </>
            ),
            render: (_value: unknown, row: Row) => render(row),
            ...(numeric ? { align: 'end' as const } : {}),
            ...(pinned ? { className: 'pinned' } : {}),
            ...(names ? { rowScope: 'row' as const } : {}),
            ...(hint === undefined ? {} : { onHeaderCell: () => ({ title: hint }) }),
            ...(sortable && {
              sorter: true,
              sortOrder:
                sorting?.column !== key
                  ? null
                  : sorting.descending
                    ? 'descend'
                    : ('ascend' as const),
            }),
          }),
        )}
        onChange={(_pages, _filters, sorter) => {
          const key = [sorter].flat()[0]?.column?.key
          const column = columns.find((one) => one.key === (key ?? sorting?.column))
          if (column !== undefined) onSort?.(column.key)
        }}
        onRow={(row) => ({
          'data-key': rowKey(row),
          'aria-current': rowKey(row) === selectedKey || undefined,
          onClick: ({ target }: MouseEvent) => {
            if (!(target instanceof Element && target.closest(ownControls))) onSelect?.(row)
          },
        })}
        {...(ticks && {
          rowSelection: {
            selectedRowKeys: [...ticks.keys],
            onChange: (keys) => ticks.onTick(keys.map(String)),
            getCheckboxProps: (row) => ({ 'aria-label': ticks.nameOf(row) }),
            getTitleCheckboxProps: () => ({ 'aria-label': ticks.nameOfAll }),
          },
        })}
        {...(props.footer !== undefined && { summary: () => props.footer })}
      />
    </div>
  )
}
