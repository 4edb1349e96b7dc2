import { Button } from 'antd'
import type { ModelSummary } from '@/api/types'
import type { Value, ValuedColumn } from './rows'
import { SourceCell } from './Source'

interface Named {
  readonly name: string
  readonly title: string
  readonly source: string
}

/** A column of figures with their unit in the head; "–" where there is none. */
export function figures<Row>(
  key: string,
  title: string,
  value: (row: Row) => number | null,
  text: (value: number) => string,
  more: { unit?: string; width?: number; hint?: string } = {},
): ValuedColumn<Row> {
  const render = (row: Row) => {
    const figure = value(row)
    return figure === null ? '–' : text(figure)
  }
  return { key, title, value, render, numeric: true, width: 96, ...more }
}

export function words<Row>(
  key: string,
  title: string,
  value: (row: Row) => Value,
  width?: number,
): ValuedColumn<Row> {
  const render = (row: Row) => {
    const text = value(row)
    return text === null ? '–' : <span title={String(text)}>{text}</span>
  }
  return { key, title, value, render, ...(width === undefined ? {} : { width }) }
}

/** The name in a row, which opens its entry. */
export function nameColumn<Row extends Named>(
  title: string,
  onOpen: (name: string) => void,
): ValuedColumn<Row> {
  return {
    key: 'title',
    title,
    names: true,
    width: 250,
    value: (row) => row.title,
    render: (row) => (
      <Button
        type="link"
        size="small"
        className="entry-name"
        title={row.name}
        onClick={() => onOpen(row.name)}
      >
        {row.title}
      </Button>
    ),
  }
}

export function sourceColumn<Row extends Named>(title: string): ValuedColumn<Row> {
  return {
    key: 'source',
    title,
    width: 220,
    value: (row) => row.source,
    render: (row) => <SourceCell source={row.source} />,
  }
}

export const isMixture = ({ num_experts }: Pick<ModelSummary, 'num_experts'>) => num_experts > 1
