import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ExplainRequest } from '@/api/explain'
import type { Plan } from '@/api/types'
import { CompareButton } from '@/components/CompareButton'
import { Stats } from '@/components/Panel'
import { type Tab, Tabs } from '@/components/Tabs'
import type { TrayPlan } from '@/hooks/comparisonTray'
import { useFormats } from '@/i18n/useFormats'
import type { PlanTab, ResultSearch } from '@/searchParams'
import { Explained } from './Explained'
import { HowSure } from './HowSure'
import { MemoryBreakdown } from './MemoryBreakdown'
import type { Moves } from './moves'
import { PhaseBreakdown } from './PhaseBreakdown'
import { PlanEconomics } from './PlanEconomics'
import { PlanEngines } from './PlanEngines'
import { PlanSensitivity } from './PlanSensitivity'
import { PoolsTable } from './PoolsTable'
import { planTitle } from './planText'
import { SimulatedLatency } from './SimulatedLatency'
import { WhatIfOfPlan } from './WhatIfOfPlan'
import './PlanPanel.css'

function TimeOfPlan({ plan }: { plan: Plan }) {
  const { t } = useTranslation()
  return (
    <>
      {plan.pools != null && <PoolsTable pools={plan.pools} transferMs={plan.kv_transfer_ms} />}
      <PhaseBreakdown title={t('result.prefill')} phase={plan.latency.prefill} />
      <PhaseBreakdown title={t('result.decode')} phase={plan.latency.decode} />
    </>
  )
}

function MemoryOfPlan({ memory, pools }: Plan) {
  const { t } = useTranslation()
  if (pools == null) return <MemoryBreakdown memory={memory} title={t('result.memoryTitle')} />
  return (['prefill', 'decode'] as const).map((name) => (
    <MemoryBreakdown
      key={name}
      memory={pools[name].memory}
      title={`${t(`result.pool_${name}`)} · ${t('result.memoryTitle')}`}
    />
  ))
}

/** The views there are of a plan: none without figures. */
function useTabs({ plan, request, onAsk }: PlanPanelProps): readonly Tab<PlanTab>[] {
  const { t } = useTranslation()
  // Kept while other tabs and other plans are looked at.
  const [moves, setMoves] = useState<Moves>({})
  const { sensitivity, economics, simulated } = plan
  const tab = (key: PlanTab, content: Tab<PlanTab>['content']): Tab<PlanTab> => ({
    key,
    title: t(`workspace.tab_${key}`),
    content,
  })
  return [
    tab('time', () => <TimeOfPlan plan={plan} />),
    ...(request === undefined
      ? []
      : [tab('roofline', () => <Explained request={request} view="roofline" />)]),
    tab('memory', () => <MemoryOfPlan {...plan} />),
    ...(request === undefined
      ? []
      : (['traffic', 'placement', 'timeline'] as const).map((view) =>
          tab(view, () => <Explained request={request} view={view} />),
        )),
    ...(sensitivity == null
      ? []
      : [tab('sensitivity', () => <PlanSensitivity sensitivity={sensitivity} />)]),
    ...(request === undefined
      ? []
      : [
          tab('what_if', () => (
            <WhatIfOfPlan
              plan={plan}
              request={request}
              moves={moves}
              onMoves={setMoves}
              onAsk={onAsk}
            />
          )),
        ]),
    ...(economics == null ? [] : [tab('cost', () => <PlanEconomics economics={economics} />)]),
    ...(simulated == null
      ? []
      : [tab('requests', () => <SimulatedLatency simulated={simulated} />)]),
    ...(plan.provenance == null
      ? []
      : [
          tab('certainty', () => (
            <>
              <HowSure plan={plan} />
              <PlanEngines plan={plan} />
            </>
          )),
        ]),
  ]
}

function KeyFigures({ plan }: { plan: Plan }) {
  const { t } = useTranslation()
  const { integer, rate, ms, percent } = useFormats()
  const figures: [string, string][] = [
    [t('result.chips'), integer(plan.chips)],
    ...(plan.batch_size == null
      ? []
      : [[t('form.batchSize'), integer(plan.batch_size)] as [string, string]]),
    [t('result.throughput'), rate(plan.throughput)],
    [t('result.ttft'), ms(plan.ttft)],
    [t('result.tpot'), ms(plan.tpot)],
    [t('result.mfu'), percent(plan.mfu)],
    [t('result.mbu'), percent(plan.mbu)],
  ]
  return <Stats figures={figures} />
}

interface PlanPanelProps {
  plan: Plan
  /** Where each of its figures comes from, to be asked for. */
  request: ExplainRequest | undefined
  /** What it is in a comparison, which only ranked plans can be put into. */
  compared?: TrayPlan | undefined
  /** Whether equal requests that start together would see other latencies. */
  isSpread: boolean
  tab: PlanTab
  onSearch: (change: Partial<ResultSearch>) => void
  onAsk: (request: Readonly<Record<string, unknown>>) => void
}

/** One plan in full: where its time and memory go, how sure its figures are, what it costs. */
export function PlanPanel(props: PlanPanelProps) {
  const { plan, compared, isSpread, tab, onSearch } = props
  const { t } = useTranslation()
  const title =
    plan.rank === 0
      ? planTitle(plan)
      : t('workspace.planNamed', { rank: plan.rank, plan: planTitle(plan) })
  return (
    <section className="panel plan-panel" aria-label={title}>
      <header className="panel-header">
        <h3>{title}</h3>
        {compared !== undefined && (
          <div className="panel-tools">
            <CompareButton plan={compared} text />
          </div>
        )}
      </header>
      <KeyFigures plan={plan} />
      {isSpread && plan.pools == null && <p className="hint">{t('result.spreadInTime')}</p>}
      <Tabs
        label={t('workspace.tabs')}
        tabs={useTabs(props)}
        chosen={tab}
        onChoose={(chosen) => onSearch({ tab: chosen === 'time' ? undefined : chosen })}
      />
    </section>
  )
}
