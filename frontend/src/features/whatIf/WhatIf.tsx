import { useQuery } from '@tanstack/react-query'
import { Button, Flex } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { chipsQuery } from '@/api/catalogue'
import { previewQuery } from '@/api/preview'
import type { Plan } from '@/api/types'
import { LoadFailed, PageLoading } from '@/components/PageStates'
import { Panel } from '@/components/Panel'
import { WarningText } from '@/components/WarningText'
import { useDebounced } from '@/hooks/useDebounced'
import type { WhatIfSearch } from '@/searchParams'
import { Deployment } from './Deployment'
import { Outcome } from './Outcome'
import { Sliders } from './Sliders'
import { previewRequest, type Settings, settingsOf } from './settings'
import './WhatIf.css'

interface WhatIfProps {
  search: WhatIfSearch
  onSearch: (change: Partial<WhatIfSearch>) => void
  planName: (plan: Pick<Plan, 'parallelism' | 'pools'>) => string
}

const settleMs = 100

/** The preview of some settings; `name` tells apart what asks at the same time. */
function usePreview(settings: Settings, name: string) {
  const chips = useQuery(chipsQuery)
  const [client] = useState(() => `${name}-${Math.random().toString(36).slice(2)}`)
  const chip = chips.data?.find((entry) => entry.name === settings.chip)
  const request = useMemo(() => previewRequest(settings, chip), [settings, chip])
  return useQuery(previewQuery(request, client))
}

/** Sliders that answer while they are drawn: the best plan, and how its figures have moved. */
export function WhatIf({ search, onSearch, planName }: WhatIfProps) {
  const { t } = useTranslation()
  const settings = useMemo(() => settingsOf(search), [search])
  const [reference, setReference] = useState(settings)
  const preview = usePreview(useDebounced(settings, settleMs), 'what-if')
  const before = usePreview(reference, 'reference')
  return (
    <div className="what-if">
      <section className="panel" aria-label={t('whatIf.settings')}>
        <Deployment settings={settings} onChange={onSearch} />
        <Sliders settings={settings} onChange={onSearch} />
        <Flex wrap gap={8}>
          <Button onClick={() => setReference(settings)}>{t('whatIf.setReference')}</Button>
          <Button type="text" onClick={() => onSearch(reference)}>
            {t('whatIf.back')}
          </Button>
        </Flex>
      </section>
      <div aria-live="polite">
        <Panel
          level="h2"
          title={t('whatIf.bestPlan')}
          note={preview.isFetching && t('whatIf.working')}
        >
          {preview.isError && (
            <LoadFailed error={preview.error} onRetry={() => void preview.refetch()} />
          )}
          {preview.isPending && <PageLoading />}
          {!preview.isError && preview.data !== undefined && (
            <>
              <Outcome now={preview.data} before={before.data} planName={planName} />
              {preview.data.warnings.map((warning) => (
                <p key={warning.message} className="hint">
                  <WarningText warning={warning} />
                </p>
              ))}
            </>
          )}
        </Panel>
      </div>
    </div>
  )
}
