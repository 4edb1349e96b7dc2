import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { CandidateRow, CandidatesTable } from '@/api/types'
import { Chart } from '@/charts/Chart'
import { ChartFrame } from '@/charts/ChartFrame'
import { usePalette } from '@/charts/palette'
import { compactPlan } from '@/compactPlan'
import { numeric } from '@/components/columns'
import { VirtualTable, type WideColumn } from '@/components/VirtualTable'
import { useFormats } from '@/i18n/useFormats'
import { type CandidateFigure, candidatesOption, figureOf, figureText } from './candidates'

const allFigures: readonly CandidateFigure[] = [
  'memory_bandwidth',
  'peak_flops',
  'link_bandwidth',
  'memory_capacity',
  'price',
]

/** What tells a candidate from the others, in words. */
function useCandidateName(table: CandidatesTable) {
  const { t } = useTranslation()
  const formats = useFormats()
  return (row: CandidateRow) => {
    if (row.name !== null) return row.name
    const told = table.figures.flatMap((figure) => {
      const value = figureOf(row, figure)
      return value === undefined ? [] : [figureText(figure, value, formats)]
    })
    return told.length === 0 ? t('explore.base') : told.join(' · ')
  }
}

/** The two figures of the base chip that are most worth raising. */
function Worth({ worth }: Pick<CandidatesTable, 'worth'>) {
  const { t } = useTranslation()
  const { percentChange } = useFormats()
  const most = worth.slice(0, 2).filter(({ doubled }) => doubled !== null && doubled > 0)
  if (most.length === 0) return null
  return (
    <p>
      <strong>{t('explore.worth')}</strong>{' '}
      {most
        .map(({ figure, ten_percent, doubled }) =>
          t('explore.worthOf', {
            figure: t(`explore.figure_${figure}`),
            ten: ten_percent === null ? '–' : percentChange(ten_percent),
            doubled: percentChange(doubled ?? 0),
          }),
        )
        .join(t('explore.next'))}
    </p>
  )
}

/** Which candidate is best, which is cheapest, and the price below which each of them wins. */
function Winners({ table }: { table: CandidatesTable }) {
  const { t } = useTranslation()
  const { figure, usd } = useFormats()
  const nameOf = useCandidateName(table)
  const row = (number: number | null) => table.rows.find((one) => one.number === number)
  const best = row(table.best)
  const cheapest = row(table.cheapest)
  if (best === undefined) return <p>{t('explore.nothingFits')}</p>
  return (
    <>
      <p>
        <strong>{t('explore.best')}</strong> {nameOf(best)}
        {best.tps_per_chip != null &&
          ` — ${t('live.score_throughput_per_chip', { figure: figure(best.tps_per_chip) })}`}
        {best.wins_below != null && `, ${t('explore.wins', { price: usd(best.wins_below) })}`}
      </p>
      {cheapest?.usd_per_million_output_tokens != null && (
        <p>
          <strong>{t('explore.cheapest')}</strong> {nameOf(cheapest)}
          {` — ${t('live.score_cost', { figure: usd(cheapest.usd_per_million_output_tokens) })}`}
          {cheapest.leads_below != null &&
            `, ${t('explore.leads', { price: usd(cheapest.leads_below) })}`}
        </p>
      )}
    </>
  )
}

function useColumns(table: CandidatesTable): WideColumn<CandidateRow>[] {
  const { t } = useTranslation()
  const formats = useFormats()
  return useMemo(() => {
    const { figure, integer, usd } = formats
    const or = (value: number | null | undefined, write: (value: number) => string) =>
      value == null ? '–' : write(value)
    const isFront = new Set(table.front)
    const marks = ({ number, feasible, reason_code }: CandidateRow) => {
      if (!feasible) return t(`explore.reason_${reason_code ?? 'limits'}`)
      if (number === table.best) return `★ ${t('explore.isBest')}`
      if (number === table.cheapest) return `$ ${t('explore.isCheapest')}`
      return isFront.has(number) ? t('explore.onFront') : ''
    }
    const differing = allFigures.filter((one) => table.figures.includes(one))
    return [
      ...(table.rows.some(({ name }) => name !== null)
        ? [
            {
              key: 'name',
              title: t('explore.name'),
              width: 150,
              render: ({ name }: CandidateRow) => name ?? '',
            },
          ]
        : []),
      ...differing.map((one) => ({
        ...numeric<CandidateRow>(one, t(`explore.figure_${one}`), (row) =>
          or(figureOf(row, one), (value) => figureText(one, value, formats)),
        ),
        width: 120,
      })),
      { key: 'mark', title: t('explore.outcome'), width: 150, render: marks },
      {
        key: 'plan',
        title: t('result.plan'),
        width: 150,
        render: ({ parallelism }) => (parallelism == null ? '–' : compactPlan(parallelism)),
      },
      {
        ...numeric<CandidateRow>('batch', t('form.batchSize'), (row) =>
          or(row.batch_size, integer),
        ),
        width: 90,
      },
      {
        ...numeric<CandidateRow>('tps', t('figures.of_throughput_per_chip'), (row) =>
          or(row.tps_per_chip, figure),
        ),
        width: 110,
      },
      {
        ...numeric<CandidateRow>('ttft', t('result.ttft'), (row) => or(row.ttft, formats.ms)),
        width: 90,
      },
      {
        ...numeric<CandidateRow>('tpot', t('result.tpot'), (row) => or(row.tpot, formats.ms)),
        width: 90,
      },
      {
        ...numeric<CandidateRow>('usd', t('explore.cost'), (row) =>
          or(row.usd_per_million_output_tokens, usd),
        ),
        width: 120,
      },
      {
        ...numeric<CandidateRow>('wins', t('explore.winsBelow'), (row) => or(row.wins_below, usd), {
          hint: t('explore.winsHint'),
        }),
        width: 120,
      },
      {
        ...numeric<CandidateRow>(
          'leads',
          t('explore.leadsBelow'),
          (row) => or(row.leads_below, usd),
          { hint: t('explore.leadsHint') },
        ),
        width: 120,
      },
    ]
  }, [table, t, formats])
}

function CandidatesChart({ table }: { table: CandidatesTable }) {
  const { t } = useTranslation()
  const formats = useFormats()
  const palette = usePalette()
  const nameOf = useCandidateName(table)
  const { figure, usd, ms } = formats
  const option = candidatesOption(table, palette, {
    name: (name) => t(`explore.axis_${name}`),
    figure,
    candidates: t('explore.candidates'),
    front: t('explore.front'),
    base: t('explore.base'),
    describe: (row) =>
      [
        nameOf(row),
        ...(row.parallelism == null ? [] : [compactPlan(row.parallelism)]),
        ...(row.tps_per_chip == null
          ? []
          : [t('live.score_throughput_per_chip', { figure: figure(row.tps_per_chip) })]),
        ...(row.tpot == null ? [] : [`${t('result.tpot')}: ${ms(row.tpot)}`]),
        ...(row.usd_per_million_output_tokens == null
          ? []
          : [t('live.score_cost', { figure: usd(row.usd_per_million_output_tokens) })]),
        ...(row.wins_below == null ? [] : [t('explore.wins', { price: usd(row.wins_below) })]),
      ].join('\n'),
  })
  return <Chart label={t('explore.title')} option={option} height={340} />
}

/** The figures of all rows, in base units, as a spreadsheet reads them. */
function csvOf({ rows }: CandidatesTable): string {
  const columns = [
    ...['number', 'name', 'memory_bandwidth', 'peak_flops', 'link_bandwidth', 'memory_capacity'],
    ...['usd_per_chip_hour', 'feasible', 'batch_size', 'tps_per_chip', 'ttft', 'tpot'],
    ...['usd_per_million_output_tokens', 'wins_below', 'leads_below'],
  ] as (keyof CandidateRow)[]
  const cell = (value: unknown) =>
    typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value ?? '')
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','))
  return [columns.join(','), ...lines, ''].join('\n')
}

/** Hypothetical chips, each with its best plan: the front, who wins at what price, what to raise. */
export function Candidates({ table }: { table: CandidatesTable }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const columns = useColumns(table)
  return (
    <section className="panel stack" aria-label={t('explore.title')}>
      <div>
        <Winners table={table} />
        <Worth worth={table.worth} />
      </div>
      <ChartFrame
        level="h3"
        title={t('explore.title')}
        hint={t('explore.hint', {
          feasible: integer(table.feasible),
          total: integer(table.total),
          shown: integer(table.rows.length),
        })}
        chart={<CandidatesChart table={table} />}
        csv={() => csvOf(table)}
        table={
          <VirtualTable
            caption={t('explore.title')}
            columns={columns}
            rows={table.rows}
            rowKey={({ number }) => String(number)}
          />
        }
      />
    </section>
  )
}
