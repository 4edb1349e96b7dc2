import { useQuery } from '@tanstack/react-query'
import { Flex } from 'antd'
import { Trans, useTranslation } from 'react-i18next'
import { chipsQuery, modelsQuery } from '@/api/catalogue'
import type { EvaluationWarning, Plan, SearchStats, SweepTable, TaskResults } from '@/api/types'
import { engineName } from '@/engines'
import { useFormats } from '@/i18n/useFormats'
import { useServiceNames } from '@/i18n/useServiceNames'
import { intervalOf } from './certainty'
import { ProvenanceLabel } from './Estimate'
import { KeptLimits } from './KeptLimits'
import { Notes } from './Notes'
import { compactPlan, planTitle } from './planText'
import { isChangedChip, type Question } from './question'
import { placeOf } from './sweep'
import './Answer.css'

/** The catalogue's title of a preset's name; a name of its own stays as it is. */
function titleOf(presets: readonly { name: string; title: string }[] = [], name: string): string {
  return presets.find((preset) => preset.name === name)?.title ?? name
}

/** What serves the load and how it arrives, as far as it was said. */
function SetupFacts({ question }: { question: Question }) {
  const { t } = useTranslation()
  const { figure } = useFormats()
  const names = useServiceNames()
  const { engine, serving, arrivals, requestRate, cautious } = question
  return (
    <>
      {engine !== undefined && <span>{t('result.engine', { engine: engineName(engine) })}</span>}
      {cautious && <span>{t('choice.cautiously')}</span>}
      {serving !== 'aggregated' && <span>{names.serving(serving)}</span>}
      {arrivals !== undefined && (
        <span>
          {names.arrivals(arrivals)}
          {requestRate !== undefined &&
            ` (${figure(requestRate)} ${t('result.requestsPerSecond')})`}
        </span>
      )}
    </>
  )
}

interface HeadingProps {
  question: Question
  sweep: SweepTable | null
}

/** The question in words: model, chips, load, limits; of a sweep, those of its best point. */
export function QuestionHeading({ question, sweep }: HeadingProps) {
  const { t } = useTranslation()
  const { integer, ms } = useFormats()
  const { chips: count, batch, batchSearched, input, output, maxTtft, maxTpot, maxE2e } = question
  const model = titleOf(useQuery(modelsQuery).data, question.model)
  const chips = useQuery(chipsQuery).data
  const base = titleOf(chips, question.chip)
  const isMoved = question.hypothetical || isChangedChip(question, chips)
  const chip = isMoved ? t('explore.movedFrom', { chip: base }) : base
  const limits = [
    maxTtft === undefined ? null : t('result.limitTtft', { value: ms(maxTtft) }),
    maxTpot === undefined ? null : t('result.limitTpot', { value: ms(maxTpot) }),
    maxE2e === undefined ? null : t('result.limitE2e', { value: ms(maxE2e) }),
  ].filter((limit) => limit !== null)
  return (
    <>
      <h2>
        {count === undefined
          ? t('result.questionNoCount', { model, chip })
          : t('result.question', { model, chip, chips: integer(count) })}
      </h2>
      {sweep !== null && (
        <p>{t('sweep.bestPoint', { place: placeOf(sweep, { index: sweep.best }) })}</p>
      )}
      <Flex component="p" wrap gap="0 14px" className="muted">
        {batchSearched && (
          <span>
            {batch === undefined
              ? t('result.batchSearched')
              : t('result.batchBest', { batch: integer(batch) })}
          </span>
        )}
        {!batchSearched && batch !== undefined && (
          <span>{t('result.concurrent', { batch: integer(batch) })}</span>
        )}
        {input !== undefined && output !== undefined && (
          <span>{t('result.lengths', { input: integer(input), output: integer(output) })}</span>
        )}
        <SetupFacts question={question} />
        <span>{limits.length === 0 ? t('result.noLimits') : limits.join(' · ')}</span>
      </Flex>
    </>
  )
}

/** The winner's intervals on one quiet line, with what they rest on. */
function Sureness({ plan }: { plan: Plan }) {
  const { t } = useTranslation()
  const { range } = useFormats()
  const ttft = intervalOf(plan, 'ttft')
  const tpot = intervalOf(plan, 'tpot')
  const throughput = intervalOf(plan, 'throughput')
  if (ttft === undefined || tpot === undefined || throughput === undefined) return null
  return (
    <p className="muted" title={t('result.intervalHint')}>
      {t('result.answerInterval', {
        throughput: range(...throughput),
        ttft: range(...ttft),
        tpot: range(...tpot),
      })}{' '}
      {plan.provenance != null && (
        <ProvenanceLabel provenance={plan.provenance} basis={plan.basis} />
      )}
    </p>
  )
}

interface AnswerProps {
  plan: Plan
  second: Plan | undefined
  stats: SearchStats | null
  question: Question
  /** As replicas on the chips there are; not of results kept from before, and of sweeps. */
  answer?: TaskResults['answer']
  /** What the figures take for granted. */
  notes: readonly EvaluationWarning[]
}

/** The winning plan as one sentence with its figures, and how sure these are. */
export function Answer({ plan, second, stats, question, answer = null, notes }: AnswerProps) {
  const { t } = useTranslation()
  const formats = useFormats()
  const names = useServiceNames()
  const { integer, ms, rate, gb } = formats
  return (
    <div className="answer">
      <p>
        <Trans
          i18nKey="result.answer"
          components={{ strong: <strong />, num: <b className="number" /> }}
          values={{
            plan:
              answer !== null && answer.replicas > 1
                ? t('result.replicasOf', {
                    replicas: integer(answer.replicas),
                    plan: compactPlan(answer.replica),
                  })
                : planTitle(plan),
            chips: integer(plan.chips),
            available: integer(answer?.available_chips ?? question.chips ?? plan.chips),
            throughput: rate(plan.throughput),
            perChip: rate(plan.tps_per_chip),
            ttft: ms(plan.ttft),
            tpot: ms(plan.tpot),
            memory: gb(plan.memory.total_gb),
            capacity: gb(plan.memory.capacity_gb),
          }}
        />
        {answer !== null && answer.idle_chips > 0 && (
          <span className="muted">
            {' '}
            {t('result.idleChips', { chips: integer(answer.idle_chips) })}
          </span>
        )}
      </p>
      <Sureness plan={plan} />
      <Notes warnings={notes} />
      <KeptLimits plan={plan} second={second} />
      {stats !== null && (
        <p className="muted">
          {t('result.answerObjective', {
            count: stats.total_plans,
            objective: names.objective(question.objective),
            feasible: integer(stats.feasible_plans),
            total: integer(stats.total_plans),
            seconds: formats.duration(stats.seconds * 1000),
          })}
        </p>
      )}
    </div>
  )
}
