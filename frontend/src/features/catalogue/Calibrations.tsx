import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { calibrationsQuery } from '@/api/catalogue'
import type { CalibrationErrors } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'
import { CatalogueTable, type KindProps } from './CatalogueTable'
import { figures, words } from './columns'
import { Loaded } from './Loaded'
import { SourceText } from './Source'

type Row = CalibrationErrors & { key: string; file: string }

function useColumns() {
  const { t } = useTranslation()
  const { percent, integer } = useFormats()
  const every = t('catalogue.every')
  const measured = ['tpot', 'ttft'] as const
  return [
    words<Row>('engine', t('catalogue.engine'), (row) => row.engine ?? every, 110),
    words<Row>('chip', t('form.chip'), (row) => row.chip ?? every, 130),
    words<Row>('model', t('form.model'), (row) => row.model ?? every, 180),
    words<Row>(
      'provenance',
      t('result.provenance'),
      (row) => t(`result.provenance_${row.provenance}`),
      140,
    ),
    figures<Row>('runs', t('catalogue.runs'), ({ runs }) => runs, integer),
    ...measured.flatMap((name) => [
      figures<Row>(
        `${name}_median`,
        t('catalogue.medianOf', { figure: name.toUpperCase() }),
        (row) => row[`${name}_error`][1],
        percent,
      ),
      figures<Row>(
        `${name}_mean`,
        t('catalogue.meanOf', { figure: name.toUpperCase() }),
        (row) => row[`${name}_error`][0],
        percent,
      ),
    ]),
    ...measured.map((name) => ({
      ...figures<Row>(
        `${name}_interval`,
        t('catalogue.intervalOf', { figure: name.toUpperCase() }),
        (row) => row[`${name}_interval`][1] - row[`${name}_interval`][0],
        String,
        { hint: t('catalogue.intervalHint'), width: 120 },
      ),
      render: (row: Row) => row[`${name}_interval`].map((one) => one.toFixed(2)).join(' – '),
    })),
  ]
}

/** Every subject that held-out runs were measured of, with the errors made there. */
export function Calibrations(props: KindProps) {
  const { t } = useTranslation()
  const query = useQuery(calibrationsQuery)
  const columns = useColumns()
  return (
    <Loaded query={query}>
      {(files) => (
        <>
          {files.map(({ title, source, entered }) => (
            <section key={title} className="panel">
              <h2>{title}</h2>
              <p className="muted">
                <SourceText source={source} /> · {t('catalogue.entered', { day: entered })}
              </p>
            </section>
          ))}
          <CatalogueTable
            {...props}
            caption={t('catalogue.kind_calibrations')}
            columns={columns}
            rows={files.flatMap((file) =>
              file.errors.map((row, place) => ({
                ...row,
                file: file.title,
                key: `${file.title} ${place}`,
              })),
            )}
            rowKey={({ key }) => key}
            wordsOf={({ engine, chip, model, provenance }) =>
              [engine, chip, model, provenance].filter((word) => word !== null)
            }
          />
        </>
      )}
    </Loaded>
  )
}
