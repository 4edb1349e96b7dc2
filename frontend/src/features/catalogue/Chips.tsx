import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { chipsQuery } from '@/api/catalogue'
import type { ChipSummary } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'
import { CatalogueTable, type KindProps } from './CatalogueTable'
import { figures, nameColumn, sourceColumn } from './columns'
import { Loaded } from './Loaded'

const tera = 1e12
const giga = 1e9
/** The formats that chips are compared by, and what else they are called. */
const peaks = {
  bf16: ['bf16', 'fp16'],
  fp8: ['fp8', 'fp8_e4m3', 'int8'],
  fp4: ['fp4', 'nvfp4', 'mxfp4'],
}

function peakOf(chip: ChipSummary, names: readonly string[]): number | null {
  const name = names.find((one) => chip.peak_flops[one] !== undefined)
  return name === undefined ? null : (chip.peak_flops[name] ?? 0) / tera
}

function useColumns(onOpen: (name: string) => void) {
  const { t } = useTranslation()
  const { figure, integer, usd } = useFormats()
  return [
    nameColumn<ChipSummary>(t('form.chip'), onOpen),
    figures<ChipSummary>('memory', t('form.memory'), (c) => c.memory_capacity / giga, figure, {
      unit: 'GB',
    }),
    figures<ChipSummary>(
      'bandwidth',
      t('form.bandwidth'),
      (c) => c.memory_bandwidth / tera,
      figure,
      {
        unit: 'TB/s',
      },
    ),
    ...Object.entries(peaks).map(([key, names]) =>
      figures<ChipSummary>(
        key,
        t('catalogue.peakOf', { dtype: key }),
        (c) => peakOf(c, names),
        integer,
        {
          unit: 'TFLOP/s',
          hint: t('catalogue.peakHint', { dtypes: names.join(', ') }),
        },
      ),
    ),
    figures<ChipSummary>(
      'link',
      t('catalogue.link'),
      (c) => c.chip_to_chip && c.chip_to_chip.bandwidth / giga,
      integer,
      {
        unit: 'GB/s',
        hint: t('catalogue.linkHint'),
      },
    ),
    figures<ChipSummary>('power', t('form.power'), (c) => c.tdp, integer, { unit: 'W', width: 76 }),
    figures<ChipSummary>('price', t('catalogue.price'), (c) => c.price_usd_per_hour, usd, {
      unit: t('catalogue.perHour'),
    }),
    sourceColumn<ChipSummary>(t('form.source')),
  ]
}

export function Chips(props: KindProps) {
  const { t } = useTranslation()
  const query = useQuery(chipsQuery)
  const open = (entry: string) => props.onSearch({ entry })
  const columns = useColumns(open)
  return (
    <Loaded query={query}>
      {(chips) => (
        <CatalogueTable
          {...props}
          caption={t('catalogue.kind_chips')}
          columns={columns}
          rows={chips}
          rowKey={({ name }) => name}
          wordsOf={(chip) => [chip.name, chip.title, ...chip.aliases]}
          onSelect={({ name }) => open(name)}
        />
      )}
    </Loaded>
  )
}
