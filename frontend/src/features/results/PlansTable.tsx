import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Plan } from '@/api/types'
import { degreesTold } from '@/compactPlan'
import { ColumnChoice } from '@/components/ColumnChoice'
import { CompareButton } from '@/components/CompareButton'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { Panel } from '@/components/Panel'
import { useStored } from '@/hooks/useStored'
import { useWidth } from '@/hooks/useWidth'
import { useFormats } from '@/i18n/useFormats'
import { type ResultSearch, type SortColumn, sortColumns } from '@/searchParams'
import { type Estimated, intervalOf } from './certainty'
import { limitOf, limitsOf } from './choice'
import { Estimate, ProvenanceLabel } from './Estimate'
import { Probability } from './KeptLimits'
import { PlanName } from './PlanName'
import { areFigures, type Figure, figuresShown } from './planColumns'
import { basisDiffers, nextSorting, scoreIsShown, sortedPlans } from './planText'
import type { PlanOfTask } from './trayPlan'
import { useLimitText } from './useLimitText'

type Key = Figure | 'rank' | 'plan' | 'compare'

function isSortColumn(key: Key): key is SortColumn {
  return sortColumns.some((column) => column === key)
}

interface PlansTableProps {
  /** Of finished tasks, whose ranks stay. */
  compared: PlanOfTask | undefined
  plans: readonly Plan[]
  selected: Plan | undefined
  search: ResultSearch
  onSearch: (change: Partial<ResultSearch>) => void
}

interface Columns {
  /** Which plan a row is of. */
  readonly names: readonly Column<Plan, Key>[]
  readonly figures: readonly Column<Plan, Figure>[]
}

function useColumns(props: PlansTableProps): Columns {
  const { plans, selected, onSearch, compared } = props
  const { t } = useTranslation()
  const { integer, figure, percent, probability } = useFormats()
  const limitText = useLimitText()
  const number = <K extends SortColumn>(
    key: K,
    title: string,
    render: (plan: Plan) => ReactNode,
    more: { unit?: string; hint?: string } = {},
  ) => numeric<Plan, K>(key, title, render, { sortable: true, ...more })
  const estimate = (name: Estimated) => (plan: Plan) => (
    <Estimate value={plan[name]} interval={intervalOf(plan, name)} />
  )
  const batch = number(
    'batch_size',
    t('form.batchSize'),
    ({ batch_size }) => (batch_size == null ? '–' : integer(batch_size)),
    { hint: t('figures.batchHint') },
  )
  const score = number('score', t('result.score'), ({ score }) => figure(score), {
    hint: t('choice.scoreHint'),
  })
  const keeps = limitsOf(plans).open.map((limit) => {
    const { name, bound } = limitText(limit)
    const render = (plan: Plan) => {
      const kept = limitOf(plan, limit.code)
      return kept === undefined ? '–' : <Probability of={kept.probability} />
    }
    return numeric<Plan, Figure>(`keeps ${limit.code}`, t('choice.keeps', { name }), render, {
      unit: bound,
      hint: t('choice.keepsHint'),
    })
  })
  const beaten = numeric<Plan, Figure>(
    'beaten',
    t('choice.beaten'),
    ({ beaten_by_first }) => (beaten_by_first == null ? '–' : probability(beaten_by_first)),
    { hint: t('choice.beatenHint') },
  )
  const provenance: Column<Plan, Figure> = {
    key: 'provenance',
    title: t('result.provenance'),
    hint: t('result.provenanceHint'),
    render: ({ provenance, basis }) =>
      provenance == null ? '–' : <ProvenanceLabel provenance={provenance} basis={basis} />,
  }
  const compare = (compared: PlanOfTask): Column<Plan, Key> => ({
    key: 'compare',
    title: <span className="visually-hidden">{t('compare.add')}</span>,
    render: (plan) => <CompareButton plan={compared(plan)} />,
  })
  const names: readonly Column<Plan, Key>[] = [
    number('rank', t('result.rank'), ({ rank }) => integer(rank)),
    {
      key: 'plan',
      pinned: true,
      title: t('result.plan'),
      render: (plan) => (
        <PlanName
          plan={plan}
          selected={plan.rank === selected?.rank}
          onSelect={() => onSearch({ plan: plan.rank })}
        />
      ),
    },
    ...(compared === undefined ? [] : [compare(compared)]),
  ]
  const figures: readonly Column<Plan, Figure>[] = [
    number('chips', t('result.chips'), ({ chips }) => integer(chips)),
    ...(plans.some(({ batch_size }) => batch_size != null) ? [batch] : []),
    number('throughput', t('result.throughput'), estimate('throughput'), {
      unit: 'tokens/s',
      hint: t('result.throughputHint'),
    }),
    number('tps_per_chip', t('result.perChip'), ({ tps_per_chip }) => figure(tps_per_chip), {
      unit: 'tokens/s',
      hint: t('result.perChipHint'),
    }),
    number('ttft', t('result.ttft'), estimate('ttft'), {
      unit: 'ms',
      hint: t('result.ttftHint'),
    }),
    number('tpot', t('result.tpot'), estimate('tpot'), {
      unit: 'ms',
      hint: t('result.tpotHint'),
    }),
    ...keeps,
    ...(plans.some(({ beaten_by_first }) => beaten_by_first != null) ? [beaten] : []),
    number('mfu', t('result.mfu'), ({ mfu }) => percent(mfu), { hint: t('result.mfuHint') }),
    number('mbu', t('result.mbu'), ({ mbu }) => percent(mbu), { hint: t('result.mbuHint') }),
    number('memory', t('result.memory'), ({ memory }) => figure(memory.total_gb), {
      unit: 'GB',
      hint: t('result.memoryHint'),
    }),
    ...(scoreIsShown(plans) ? [] : [score]),
    ...(basisDiffers(plans) ? [provenance] : []),
  ]
  return { names, figures }
}

/** What holds of all plans, and so has no column. */
function Note({ plans }: { plans: readonly Plan[] }) {
  const { t } = useTranslation()
  const limitText = useLimitText()
  const safe = limitsOf(plans).safe.map((limit) => {
    const { name, bound } = limitText(limit)
    return t('choice.allKeep', { limit: `${name} ${bound}` })
  })
  const intervals = plans.some((plan) => intervalOf(plan, 'ttft'))
  return [
    t('result.plansHint'),
    ...(intervals ? [t('result.plansIntervalHint')] : []),
    ...safe,
  ].join(' ')
}

/** "TP: Tensor parallel · …" of all signs in the plans' names. */
function PlanSigns({ plans }: { plans: readonly Plan[] }) {
  const { t } = useTranslation()
  const degrees = plans.flatMap(({ parallelism, pools }) =>
    pools == null ? [parallelism] : [pools.prefill.parallelism, pools.decode.parallelism],
  )
  const signs = degreesTold(degrees).map(
    ({ degree, sign }) => `${sign}: ${t(`form.degree_${degree}`)}`,
  )
  const copies = plans.some(({ replicas }) => replicas > 1) ? [t('result.signReplicas')] : []
  const pools = plans.some((plan) => plan.pools != null) ? [t('result.signPools')] : []
  return <p className="hint">{[...signs, ...copies, ...pools].join(' · ')}</p>
}

/** The best plans; choosing one shows below where its time and memory go. */
export function PlansTable(props: PlansTableProps) {
  const { plans, selected, search, onSearch } = props
  const { t } = useTranslation()
  const { names, figures } = useColumns(props)
  const [panel, width] = useWidth<HTMLDivElement>()
  const [chosen, setChosen] = useStored('tier6.plans.columns', areFigures, null)
  const keys = figures.map(({ key }) => key)
  const shown = chosen ?? figuresShown(keys, plans, width)
  const sorting = { column: search.sort ?? ('rank' as const), descending: search.desc ?? false }
  const sort = (column: Key) => {
    if (!isSortColumn(column)) return
    const next = nextSorting(sorting, column)
    onSearch({ sort: next.column, desc: next.descending || undefined })
  }
  return (
    <div ref={panel}>
      <Panel
        title={t('result.plans')}
        note={<Note plans={plans} />}
        tools={
          <ColumnChoice
            options={figures.map(({ key, title }) => ({ value: key, label: title }))}
            columns={shown}
            onColumns={setChosen}
            onUsual={chosen === null ? undefined : () => setChosen(null)}
          />
        }
      >
        <DataTable<Plan, Key>
          tall
          caption={t('result.plans')}
          columns={[
            ...names,
            ...figures.filter(({ key }) => shown.includes(key) || key === sorting.column),
          ]}
          rows={sortedPlans(plans, sorting.column, sorting.descending)}
          rowKey={({ rank }) => String(rank)}
          sorting={sorting}
          onSort={sort}
          selectedKey={selected === undefined ? undefined : String(selected.rank)}
          onSelect={({ rank }) => onSearch({ plan: rank })}
        />
        <PlanSigns plans={plans} />
      </Panel>
    </div>
  )
}
