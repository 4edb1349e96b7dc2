import { useTranslation } from 'react-i18next'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import { type Figure, figures, type Movement, type Moving, movement, neutral } from './movement'

type Row = Movement & { readonly figure: Figure }

function useFigureText() {
  const { t } = useTranslation()
  const { integer, figure } = useFormats()
  return {
    name: (name: Figure) =>
      t(
        name === 'tps_per_chip'
          ? 'figures.of_throughput_per_chip'
          : name === 'memory'
            ? 'whatIf.memory'
            : `figures.of_${name}`,
      ),
    value: (name: Figure, value: number | null) => {
      if (value === null) return '–'
      return name === 'chips' ? integer(value) : figure(value)
    },
  }
}

const verdictColors = { better: 'var(--good)', worse: 'var(--bad)', neutral: undefined } as const

function Moved({ percent, verdict }: Movement) {
  const { t } = useTranslation()
  const { percentChange: change } = useFormats()
  if (percent === null) return '–'
  if (verdict === 'same') return <span className="muted">= {t('whatIf.same')}</span>
  return (
    <span style={{ color: verdictColors[verdict] }}>
      <span aria-hidden="true">{percent > 0 ? '▲' : '▼'}</span> {change(percent)}
      {verdict !== 'neutral' && ` ${t(`whatIf.${verdict}`)}`}
    </span>
  )
}

interface FigureChangesProps {
  caption: string
  now: Moving
  before: Moving | undefined
  /** Why the memory does not hold the plan: its other figures are then none that can be had. */
  unfit?: string | undefined
}

/** A plan's figures beside those it is measured against, and by how much each has moved. */
export function FigureChanges({ caption, now, before, unfit }: FigureChangesProps) {
  const { t } = useTranslation()
  const text = useFigureText()
  const isReached = (figure: Figure) => unfit === undefined || neutral.includes(figure)
  const columns: readonly Column<Row>[] = [
    { key: 'figure', title: t('whatIf.figure'), render: ({ figure }) => text.name(figure) },
    numeric('now', t('whatIf.now'), ({ figure, now }) =>
      isReached(figure) ? (
        <b>{text.value(figure, now)}</b>
      ) : (
        <span className="muted">{text.value(figure, now)}</span>
      ),
    ),
    numeric('before', t('whatIf.reference'), ({ figure, before }) => text.value(figure, before)),
    numeric('moved', t('whatIf.moved'), (row) => {
      if (!isReached(row.figure)) return <span className="muted">{t('whatIf.notReached')}</span>
      return row.figure === 'memory' && unfit !== undefined ? (
        <span className="missed">✗ {unfit}</span>
      ) : (
        <Moved {...row} />
      )
    }),
  ]
  const rows = figures.map((figure) => ({ figure, ...movement(now, before, figure) }))
  return (
    <DataTable caption={caption} columns={columns} rows={rows} rowKey={({ figure }) => figure} />
  )
}
