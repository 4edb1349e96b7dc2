import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { topologiesQuery } from '@/api/catalogue'
import type { TopologySummary } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'
import { usePresetTitle } from '@/i18n/usePresetTitle'
import { CatalogueTable, type KindProps } from './CatalogueTable'
import { figures, nameColumn, sourceColumn } from './columns'
import { Loaded } from './Loaded'

const tiers = ['c2c', 'b2b', 'r2r', 'p2p'] as const
const giga = 1e9

function useColumns(onOpen: (name: string) => void) {
  const { t } = useTranslation()
  const { figure, integer } = useFormats()
  const sizes = ['pods', 'racks_per_pod', 'boards_per_rack', 'chips_per_board'] as const
  return [
    nameColumn<TopologySummary>(t('form.topology'), onOpen),
    figures<TopologySummary>('chips', t('form.chips'), ({ chips }) => chips, integer),
    ...sizes.map((size) =>
      figures<TopologySummary>(size, t(`catalogue.${size}`), (topology) => topology[size], integer),
    ),
    ...tiers.map((tier) =>
      figures<TopologySummary>(
        tier,
        t(`catalogue.${tier}`),
        ({ links }) => (links[tier]?.bandwidth ?? 0) / giga || null,
        figure,
        { unit: 'GB/s', hint: t('catalogue.tierHint') },
      ),
    ),
    sourceColumn<TopologySummary>(t('form.source')),
  ]
}

export function Topologies(props: KindProps) {
  const { t } = useTranslation()
  const titleOf = usePresetTitle()
  const query = useQuery(topologiesQuery)
  const open = (entry: string) => props.onSearch({ entry })
  const columns = useColumns(open)
  return (
    <Loaded query={query}>
      {(topologies) => (
        <CatalogueTable
          {...props}
          caption={t('catalogue.kind_topologies')}
          columns={columns}
          rows={topologies.map((one) => ({ ...one, title: titleOf(one) }))}
          rowKey={({ name }) => name}
          wordsOf={({ name, title, aliases }) => [name, title, ...aliases]}
          onSelect={({ name }) => open(name)}
        />
      )}
    </Loaded>
  )
}
