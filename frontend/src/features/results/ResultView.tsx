import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Skeleton } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/client'
import { resultsQuery, taskQuery } from '@/api/queries'
import type { EvaluationWarning, TaskDetail, TaskResults } from '@/api/types'
import { assertNever } from '@/assertNever'
import { LoadFailed, Notice } from '@/components/PageStates'
import { Stats } from '@/components/Panel'
import { WarningText } from '@/components/WarningText'
import { useFormats } from '@/i18n/useFormats'
import type { ResultSearch } from '@/searchParams'
import { AllPoints } from './AllPoints'
import { Answer, QuestionHeading } from './Answer'
import { BestOfServing } from './BestOfServing'
import { Candidates } from './Candidates'
import { CautiousAlternative } from './CautiousAlternative'
import { IllegalPlans } from './IllegalPlans'
import { Infeasible } from './Infeasible'
import { Notes } from './Notes'
import { PlansTable } from './PlansTable'
import { selectedPlan } from './planText'
import { questionOf } from './question'
import { SettlingRuns } from './SettlingRuns'
import { ShownPlan } from './ShownPlan'
import { Sweep } from './Sweep'
import { TradeOffFront } from './TradeOffFront'
import { Tradeoff } from './Tradeoff'
import { trayPlanOf } from './trayPlan'
import { WaysOut } from './WaysOut'
import { warningsAt } from './warningPlaces'
import './ResultView.css'

interface ResultViewProps {
  taskId: string
  search: ResultSearch
  onSearch: (change: Partial<ResultSearch>) => void
  /** Links and buttons beside the heading. */
  tools?: ReactNode
  /** Makes a question of a request. */
  onAsk: (request: Readonly<Record<string, unknown>>, experimentName: string) => void
}

function Warnings({ warnings }: { warnings: readonly EvaluationWarning[] }) {
  const { t } = useTranslation()
  if (warnings.length === 0) return null
  return (
    <aside className="warnings" aria-label={t('result.warnings')}>
      <strong>{t('result.warnings')}</strong>
      <ul>
        {warnings.map((warning) => (
          <li key={warning.message}>
            <WarningText warning={warning} />
          </li>
        ))}
      </ul>
    </aside>
  )
}

function SearchFigures({ results }: { results: TaskResults }) {
  const { t } = useTranslation()
  const { integer, duration } = useFormats()
  const stats = results.search_stats
  if (stats === null) return null
  // Results kept from before evaluations were counted had one per plan.
  const evaluations = stats.evaluations || stats.evaluated_plans
  const figures: [string, string][] = [
    [t('result.evaluated'), `${integer(stats.evaluated_plans)} / ${integer(stats.total_plans)}`],
    [t('result.feasible'), integer(stats.feasible_plans)],
    [t('result.notFeasible'), integer(stats.infeasible_plans)],
    [t('figures.pruned'), integer(stats.pruned_plans)],
    [t('figures.illegal'), stats.illegal_plans === null ? '' : integer(stats.illegal_plans)],
    [t('figures.evaluations'), integer(evaluations)],
    [t('result.seconds'), duration(stats.seconds * 1000)],
    [t('figures.speed'), stats.seconds > 0 ? integer(evaluations / stats.seconds) : ''],
  ]
  return <Stats label={t('result.stats')} figures={figures.filter(([, value]) => value !== '')} />
}

function Inputs({ request }: { request: TaskResults['request'] }) {
  const { t } = useTranslation()
  return (
    <details className="panel inputs">
      <summary>
        {t('result.inputs')} <span className="muted">{t('result.inputsHint')}</span>
      </summary>
      <pre>{JSON.stringify(request, null, 2)}</pre>
    </details>
  )
}

/** While the search goes on, the total in sentences is what has been looked at. */
function statsSoFar({ partial, search_stats: stats }: TaskResults): TaskResults['search_stats'] {
  return partial && stats !== null ? { ...stats, total_plans: stats.evaluated_plans } : stats
}

function CompletedResult(props: ResultViewProps & { results: TaskResults }) {
  const { results, search, onSearch, tools } = props
  const { t } = useTranslation()
  const { integer } = useFormats()
  const plans = results.top_k_plans
  const winner = plans[0]
  const selected = selectedPlan(plans, search.plan)
  const select = (change: Partial<ResultSearch>) =>
    onSearch('plan' in change ? { point: undefined, ...change } : change)
  const question = questionOf(results.request, { sweep: results.sweep, winner })
  const notes = warningsAt(results.warnings, 'latency', 'answer')
  // Before the end of a search the choice is still open.
  const decision = results.partial ? null : results.decision
  const ranked = (
    <div className="panel">
      <Tradeoff plans={plans} selected={selected} axis={search.axis ?? 'user'} onSearch={select} />
    </div>
  )
  return (
    <div className="result stack">
      <section className="panel result-head">
        <header className="panel-header">
          <span className="muted">{results.experiment_name}</span>
          {results.partial && (
            <span role="status" title={t('live.partialHint')}>
              {t('live.partial')}
            </span>
          )}
          <div className="panel-tools">{tools}</div>
        </header>
        <QuestionHeading question={question} sweep={results.sweep} />
        {winner !== undefined ? (
          <div className="answers">
            <Answer
              plan={winner}
              second={plans[1]}
              stats={statsSoFar(results)}
              question={question}
              answer={results.answer}
              notes={notes}
            />
            {decision !== null && (
              <CautiousAlternative decision={decision} plans={plans} question={question} />
            )}
          </div>
        ) : (
          <>
            <Notice tone="bad" title={t('result.noFeasible')}>
              {t('result.noFeasibleHint', {
                total: integer(results.search_stats?.total_plans ?? 0),
              })}
            </Notice>
            <WaysOut ways={results.ways_out} inTheMean={question.ofPercentile} />
            <Notes warnings={notes} />
          </>
        )}
      </section>
      <Warnings warnings={warningsAt(results.warnings, 'banner')} />
      {results.candidates != null && <Candidates table={results.candidates} />}
      {results.sweep !== null && (
        <Sweep sweep={results.sweep} metric={search.metric ?? 'tps_per_chip'} onSearch={onSearch} />
      )}
      {winner !== undefined && (
        <div className="workspace">
          <div className="stack">
            {!results.partial && results.sweep === null ? (
              <AllPoints
                taskId={props.taskId}
                chosen={search.point}
                question={question}
                onSearch={onSearch}
                otherwise={ranked}
              />
            ) : (
              ranked
            )}
            <PlansTable
              plans={plans}
              selected={selected}
              search={search}
              onSearch={select}
              compared={trayPlanOf(results)}
            />
            <BestOfServing plans={results.best_of_serving} />
            {results.trade_offs !== null && <TradeOffFront tradeOffs={results.trade_offs} />}
            {decision !== null && <SettlingRuns decision={decision} />}
          </div>
          {selected !== undefined && (
            <ShownPlan
              results={results}
              selected={selected}
              search={search}
              onSearch={onSearch}
              onAsk={(request) => props.onAsk(request, results.experiment_name)}
            />
          )}
        </div>
      )}
      <Infeasible
        plans={results.infeasible_plans}
        stats={results.search_stats}
        reason={search.reason}
        onSearch={onSearch}
      />
      {results.search_stats !== null && <IllegalPlans stats={results.search_stats} />}
      <SearchFigures results={results} />
      <Inputs request={results.request} />
    </div>
  )
}

function ResultSkeleton() {
  const { t } = useTranslation()
  return (
    <div className="panel" role="status" aria-busy="true" aria-label={t('app.loading')}>
      <Skeleton active title={false} paragraph={{ rows: 3 }} />
      <Skeleton active title={false} paragraph={{ rows: 8 }} />
    </div>
  )
}

/** What a task found, while it runs the best plans so far; a sentence as long as there is none. */
function FoundResult(props: ResultViewProps & { isDone: boolean }) {
  const { t } = useTranslation()
  const results = useQuery(resultsQuery(props.taskId))
  const { data } = results
  if (data !== undefined && (!data.partial || data.top_k_plans.length > 0)) {
    return <CompletedResult {...props} results={data} />
  }
  // The last look at a task may be older than its end.
  if (data !== undefined || !props.isDone) {
    return (
      <p className="hint" role="status">
        {t('result.notReady')} {t('result.notReadyHint')}
      </p>
    )
  }
  if (results.isError) {
    return <LoadFailed error={results.error} onRetry={() => void results.refetch()} />
  }
  return <ResultSkeleton />
}

function TaskOutcome(props: ResultViewProps & { task: TaskDetail }) {
  const { task } = props
  const { t } = useTranslation()
  const again = <Link to="/">{t('result.newAnalysis')}</Link>
  switch (task.status) {
    case 'pending':
    case 'running':
    case 'completed':
      return <FoundResult {...props} isDone={task.status === 'completed'} />
    case 'failed':
      return (
        <Notice level="h2" tone="bad" title={t('result.failed')} actions={again}>
          {task.error !== null && <strong>{task.error}</strong>}
          <p>{t('result.failedHint')}</p>
        </Notice>
      )
    case 'cancelled':
      return (
        <Notice level="h2" title={t('result.cancelled')} actions={again}>
          {t('result.cancelledHint')}
        </Notice>
      )
    default:
      return assertNever(task.status)
  }
}

/** Everything known about one task's outcome, whatever it is. */
export function ResultView(props: ResultViewProps) {
  const { t } = useTranslation()
  const task = useQuery(taskQuery(props.taskId))
  if (task.data !== undefined) return <TaskOutcome {...props} task={task.data} />
  if (task.isError) {
    if (task.error instanceof ApiError && task.error.code === 'not_found') {
      return (
        <Notice
          level="h2"
          tone="bad"
          title={t('result.notFound')}
          actions={<Link to="/">{t('result.newAnalysis')}</Link>}
        >
          {t('result.notFoundHint')}
        </Notice>
      )
    }
    return <LoadFailed error={task.error} onRetry={() => void task.refetch()} />
  }
  return <ResultSkeleton />
}
