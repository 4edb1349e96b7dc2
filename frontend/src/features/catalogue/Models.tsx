import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { modelsQuery } from '@/api/catalogue'
import type { ModelSummary } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'
import { CatalogueTable, type KindProps } from './CatalogueTable'
import { figures, isMixture, nameColumn, sourceColumn, words } from './columns'
import { Loaded } from './Loaded'

const billions = 1e9

function useColumns(onOpen: (name: string) => void) {
  const { t } = useTranslation()
  const { figure, integer } = useFormats()
  return [
    nameColumn<ModelSummary>(t('form.model'), onOpen),
    figures<ModelSummary>(
      'parameters',
      t('form.parameters'),
      (m) => m.parameters / billions,
      figure,
      {
        unit: 'B',
      },
    ),
    figures<ModelSummary>(
      'active',
      t('form.active'),
      (m) => m.active_parameters / billions,
      figure,
      {
        unit: 'B',
      },
    ),
    figures<ModelSummary>(
      'experts',
      t('form.experts'),
      (m) => (isMixture(m) ? m.num_experts : null),
      integer,
    ),
    figures<ModelSummary>('layers', t('form.layers'), (m) => m.num_hidden_layers, integer, {
      width: 76,
    }),
    figures<ModelSummary>('hidden', t('catalogue.hidden'), (m) => m.hidden_size, integer),
    words<ModelSummary>('attention', t('form.attention'), (m) => m.attention.toUpperCase(), 96),
    words<ModelSummary>('dtype', t('form.weightDtype'), (m) => formatOf(m), 112),
    figures<ModelSummary>(
      'context',
      t('catalogue.context'),
      (m) => m.max_position_embeddings,
      integer,
      {
        unit: t('form.tokens'),
        width: 104,
      },
    ),
    sourceColumn<ModelSummary>(t('form.source')),
  ]
}

/** "fp8", or "bf16, experts mxfp4" where those differ. */
function formatOf({ weight_dtype, expert_weight_dtype }: ModelSummary): string {
  const differs = expert_weight_dtype !== null && expert_weight_dtype !== weight_dtype
  return differs ? `${weight_dtype} / ${expert_weight_dtype}` : weight_dtype
}

export function Models(props: KindProps) {
  const { t } = useTranslation()
  const query = useQuery(modelsQuery)
  const open = (entry: string) => props.onSearch({ entry })
  const columns = useColumns(open)
  return (
    <Loaded query={query}>
      {(models) => (
        <CatalogueTable
          {...props}
          caption={t('catalogue.kind_models')}
          columns={columns}
          rows={models}
          rowKey={({ name }) => name}
          wordsOf={(m) => [m.name, m.title, ...m.aliases, m.attention, formatOf(m)]}
          onSelect={({ name }) => open(name)}
        />
      )}
    </Loaded>
  )
}
