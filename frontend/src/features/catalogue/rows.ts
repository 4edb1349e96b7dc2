import type { WideColumn } from '@/components/VirtualTable'

export type Value = string | number | null

/** A column that can be sorted by: what it is worth in a row. */
export interface ValuedColumn<Row> extends WideColumn<Row> {
  readonly value: (row: Row) => Value
}

/** Rows in which every word typed is found somewhere. */
export function rowsWith<Row>(
  rows: readonly Row[],
  text: string,
  wordsOf: (row: Row) => readonly string[],
): readonly Row[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (wanted.length === 0) return rows
  return rows.filter((row) => {
    const words = wordsOf(row).join(' ').toLowerCase()
    return wanted.every((word) => words.includes(word))
  })
}

function compared(one: Value, other: Value): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return String(one).localeCompare(String(other), undefined, { numeric: true })
}

/** Sorted by a column; what has no value comes last either way. */
export function sortedBy<Row>(
  rows: readonly Row[],
  value: (row: Row) => Value,
  descending: boolean,
): readonly Row[] {
  return rows.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)]
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return descending ? compared(b, a) : compared(a, b)
  })
}
