import { useQuery } from '@tanstack/react-query'
import { Flex, Segmented } from 'antd'
import { useTranslation } from 'react-i18next'
import { supportQuery } from '@/api/catalogue'
import type { SupportCell } from '@/api/types'
import { VirtualTable, type WideColumn } from '@/components/VirtualTable'
import { useFormats } from '@/i18n/useFormats'
import { type KindProps, SearchInput } from './CatalogueTable'
import { Loaded } from './Loaded'
import { rowsWith } from './rows'
import { enginesOf, type MatrixRow, matrixOf } from './support'

const signs = { calibrated: '●', transferred: '◐', first_principles: '○' } as const
const provenances = ['calibrated', 'transferred', 'first_principles'] as const

function Cell({ cell }: { cell: SupportCell }) {
  const { t } = useTranslation()
  const { percent, integer } = useFormats()
  const [tpot, ttft] = [percent(cell.tpot_error), percent(cell.ttft_error)]
  const hint = t(cell.errors_of_model ? 'catalogue.cellOwn' : 'catalogue.cellAll', {
    basis: t(`result.provenance_${cell.provenance}`),
    tpot,
    ttft,
    runs: integer(cell.runs),
  })
  return (
    <span className={`support support-${cell.provenance}`} title={hint}>
      <span aria-hidden="true">{signs[cell.provenance]} </span>
      <span className="visually-hidden">{t(`result.provenance_${cell.provenance}`)} </span>
      {tpot} / {ttft}
    </span>
  )
}

function Legend({ cells }: { cells: readonly SupportCell[] }) {
  const { t } = useTranslation()
  const { percent } = useFormats()
  const any = cells.find(({ engine }) => engine === null)
  return (
    <ul className="support-legend">
      {provenances.map((basis) => (
        <li key={basis}>
          <span className={`support support-${basis}`} aria-hidden="true">
            {signs[basis]}
          </span>{' '}
          <strong>{t(`result.provenance_${basis}`)}</strong>{' '}
          <span className="muted">{t(`result.provenanceHint_${basis}`)}</span>
        </li>
      ))}
      {any !== undefined && (
        <li className="muted">
          {t('catalogue.noEngine', {
            tpot: percent(any.tpot_error),
            ttft: percent(any.ttft_error),
          })}
        </li>
      )}
    </ul>
  )
}

function useColumns(chips: readonly (string | null)[]): WideColumn<MatrixRow>[] {
  const { t } = useTranslation()
  return [
    {
      key: 'model',
      title: t('form.model'),
      names: true,
      width: 180,
      render: ({ model }) => model ?? <em>{t('catalogue.anyModel')}</em>,
    },
    ...chips.map((chip) => ({
      key: chip ?? '',
      title: chip ?? t('catalogue.anyChip'),
      width: 128,
      render: ({ byChip }: MatrixRow) => {
        const cell = byChip.get(chip)
        return cell === undefined ? '–' : <Cell cell={cell} />
      },
    })),
  ]
}

function Matrix(props: KindProps & { cells: readonly SupportCell[] }) {
  const { cells, search, onSearch } = props
  const { t } = useTranslation()
  const engines = enginesOf(cells)
  const engine = engines.find((one) => one === search.engine) ?? engines[0]
  const { chips, rows } = matrixOf(cells, engine)
  const columns = useColumns(chips)
  const shown = rowsWith(rows, search.text ?? '', ({ model }) => [model ?? ''])
  return (
    <section className="panel" aria-label={t('catalogue.kind_support')}>
      <header className="panel-header">
        <SearchInput search={search} onSearch={onSearch} />
        <Flex align="center" gap={8}>
          <span id="support-engine" className="muted">
            {t('catalogue.engine')}
          </span>
          <Segmented
            aria-labelledby="support-engine"
            value={engine ?? ''}
            onChange={(engine) => onSearch({ engine })}
            options={engines.map((value) => ({ value, label: value }))}
          />
        </Flex>
      </header>
      <p className="hint">{t('catalogue.matrixHint')}</p>
      <Legend cells={cells} />
      <VirtualTable
        caption={t('catalogue.kind_support')}
        columns={columns}
        rows={shown}
        rowKey={({ model }) => model ?? ''}
        rowHeight={34}
      />
    </section>
  )
}

/** What a prediction of each measured model on each chip and engine rests on, with its error. */
export function SupportMatrix(props: KindProps) {
  const query = useQuery(supportQuery)
  return <Loaded query={query}>{(cells) => <Matrix {...props} cells={cells} />}</Loaded>
}
