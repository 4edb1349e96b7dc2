import type { ReactNode } from 'react'

export interface Sorting<K extends string> {
  readonly column: K
  readonly descending: boolean
}

export interface Column<Row, K extends string = string> {
  readonly key: K
  readonly title: ReactNode
  readonly unit?: string
  readonly hint?: string
  readonly numeric?: boolean
  readonly sortable?: boolean
  /** Names its row, as the first cell of it. */
  readonly names?: boolean
  /** Stays in sight while the others scroll. */
  readonly pinned?: boolean
  readonly render: (row: Row) => ReactNode
}

/** A column of figures. */
export function numeric<Row, K extends string = string>(
  key: K,
  title: ReactNode,
  render: (row: Row) => ReactNode,
  more: Pick<Column<Row, K>, 'unit' | 'hint' | 'sortable'> = {},
): Column<Row, K> {
  return { key, title, render, numeric: true, ...more }
}
