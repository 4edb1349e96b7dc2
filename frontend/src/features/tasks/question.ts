import type { TFunction } from 'i18next'
import type { Asked, TaskSummary } from '@/api/types'
import { engineName } from '@/engines'
import type { Formats } from '@/i18n/format'
import { scoreFigure } from '@/i18n/useScoreText'
import { shortCount } from '@/shortCount'

/** What the columns of a task's question say; undefined where it leaves something open. */
export interface Question {
  readonly chips: string | undefined
  readonly load: string
  readonly limits: string | undefined
  readonly engine: string | undefined
  readonly best: string | undefined
}

/** A chip's name in a few letters. */
type ChipName = (name: string) => string

function chipsText(asked: Asked, chipName: ChipName, t: TFunction, formats: Formats) {
  const { chip, decode_chip, chips, hypothetical } = asked
  if (chip === null) return t('history.varied')
  const named =
    chips === null
      ? chipName(chip)
      : t('history.chipCount', { count: formats.integer(chips) as never, chip: chipName(chip) })
  if (hypothetical) return t('history.hypothetical', { chip: named })
  return decode_chip === null
    ? named
    : t('history.decodeChip', { chip: named, decode: chipName(decode_chip) })
}

function loadText(asked: Asked, t: TFunction, formats: Formats): string {
  const count = (value: number) => shortCount(value, formats.integer)
  const length = (tokens: number | null) => (tokens === null ? t('history.varied') : count(tokens))
  const { least_concurrency: least, most_concurrency: most, request_rate: rate } = asked
  const concurrency =
    least === null || most === null
      ? asked.sweep.some((field) => field.endsWith('batch_size') || field.endsWith('batch_sizes'))
        ? t('history.variedConcurrency')
        : t('history.bestConcurrency')
      : t('history.atOnce', {
          concurrency: least === most ? count(most) : `${count(least)}–${count(most)}`,
        })
  const lengths = { input: length(asked.input_tokens), output: length(asked.output_tokens) }
  return [
    t('history.lengths', lengths),
    concurrency,
    ...(rate === null ? [] : [t('history.arriving', { rate: formats.figure(rate) })]),
  ].join(', ')
}

function limitsText(asked: Asked, t: TFunction, formats: Formats): string | undefined {
  const percentile = asked.limit_percentile?.toUpperCase()
  const most = [
    ['ttft', asked.max_ttft_ms],
    ['tpot', asked.max_tpot_ms],
    ['e2e', asked.max_e2e_latency_ms],
  ] as const
  const latencies = most.map(([name, limit]) => {
    if (limit === null) return undefined
    const said = { name: t(`result.${name}`), value: formats.ms(limit) }
    return percentile === undefined
      ? t('question.limit', said)
      : t('question.limitAt', { ...said, percentile })
  })
  const rate = asked.min_request_rate
  const said = [
    ...latencies,
    rate === null ? undefined : t('question.rateAtLeast', { rate: formats.figure(rate) }),
  ].filter((one) => one !== undefined)
  return said.length === 0 ? undefined : said.join(' · ')
}

function bestText(task: TaskSummary, t: TFunction, formats: Formats): string | undefined {
  const { best_score, best_so_far, asked, status } = task
  if (status === 'completed' && best_score === null) return t('history.noPlanFits')
  const score = best_score ?? best_so_far?.value ?? null
  if (score === null) return undefined
  const objective = asked?.objective ?? best_so_far?.objective ?? null
  if (objective === null) return formats.figure(score)
  return t(`live.score_${objective}`, { figure: scoreFigure(objective, score, formats) })
}

/** What a row of the history says of a task's question and of its best plan. */
export function questionOf(
  task: TaskSummary,
  chipName: ChipName,
  t: TFunction,
  formats: Formats,
): Question {
  const { asked } = task
  const best = bestText(task, t, formats)
  if (asked === null) {
    return { chips: undefined, load: '', limits: undefined, engine: undefined, best }
  }
  return {
    chips: chipsText(asked, chipName, t, formats),
    load: loadText(asked, t, formats),
    limits: limitsText(asked, t, formats),
    engine: asked.engine === null ? undefined : engineName(asked.engine),
    best,
  }
}
