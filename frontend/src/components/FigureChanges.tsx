import { useTranslation } from 'react-i18next'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import { type Figure, figures, type Movement, type Moving, movement } from './movement'

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
}

/** A plan's figures beside those it is measured against, and by how much each has moved. */
export function FigureChanges({ caption, now, before }: FigureChangesProps) {
  const { t } = useTranslation()
  const text = useFigureText()
  const columns: readonly Column<Row>[] = [
    { key: 'figure', title: t('whatIf.figure'), render: ({ figure }) => text.name(figure) },
    numeric('now', t('whatIf.now'), ({ figure, now }) => <b>{text.value(figure, now)}</b>),
    numeric('before', t('whatIf.reference'), ({ figure, before }) => text.value(figure, before)),
    numeric('moved', t('whatIf.moved'), (row) => <Moved {...row} />),
  ]
  const rows = figures.map((figure) => ({ figure, ...movement(now, before, figure) }))
  return (
    <DataTable caption={caption} columns={columns} rows={rows} rowKey={({ figure }) => figure} />
  )
}
