import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { chipsQuery, modelsQuery, topologiesQuery } from '@/api/catalogue'
import { engineName } from '@/engines'
import { useFormats } from '@/i18n/useFormats'
import { usePresetTitle } from '@/i18n/usePresetTitle'
import { shortChip } from '@/shortChip'
import { shortCount } from '@/shortCount'
import { type FormValues, isHypothetical, parseJsonObject, type Section } from './formValues'
import type { Part } from './parts'

type Named = { readonly name: string; readonly title: string }

function ownName(json: string): string | undefined {
  const parsed = parseJsonObject(json)
  if (!parsed.ok) return undefined
  const { title, name, model_type } = parsed.value
  return [title, name, model_type].find(
    (one): one is string => typeof one === 'string' && one !== '',
  )
}

/** The preset that a JSON changes. */
function baseOf(json: string): string | undefined {
  const parsed = parseJsonObject(json)
  return parsed.ok && typeof parsed.value.base === 'string' ? parsed.value.base : undefined
}

/** A number that was typed, or the text that is none yet. */
type Typed = number | string | null | undefined

/** What each part of the question says. */
export function useSentence(values: FormValues): Record<Part, string> {
  const { t } = useTranslation()
  const { integer, figure, ms } = useFormats()
  const presetTitle = usePresetTitle()
  const models = useQuery(modelsQuery).data ?? []
  const chips = useQuery(chipsQuery).data ?? []
  const topologies = useQuery(topologiesQuery).data ?? []

  const titleIn = (entries: readonly Named[], section: Section) => {
    const { source, preset, json } = values[section]
    if (source === 'json') {
      const base = baseOf(json)
      if (base === undefined) return ownName(json) ?? t(`question.own_${section}`)
      return t('question.changed', { base })
    }
    const entry = entries.find(({ name }) => name === preset)
    return entry === undefined ? preset : presetTitle(entry)
  }
  const count = (typed: Typed) =>
    typeof typed === 'number' ? shortCount(typed, integer) : (typed ?? '?')
  const join = (...words: (string | undefined | false)[]) => words.filter(Boolean).join(', ')
  const { inference, search_constraints: limits, traffic, batches } = values

  const ofTopology = () => {
    const base = shortChip(titleIn(chips, 'hardware'))
    const chip = isHypothetical(values) ? t('explore.movedFrom', { chip: base }) : base
    const available =
      values.topology.source === 'preset'
        ? topologies.find(({ name }) => name === values.topology.preset)?.chips
        : undefined
    const most = limits.max_chips
    const on =
      available === undefined
        ? t('question.onTopology', { chip, topology: titleIn(topologies, 'topology') })
        : t('question.onChips', { chip, chips: integer(available) })
    return join(on, most !== null && t('question.chipsAtMost', { count: Number(most) }))
  }
  const latency = (name: 'ttft' | 'tpot' | 'e2e', limit: Typed) => {
    if (limit == null) return undefined
    const value = typeof limit === 'number' ? ms(limit) : limit
    const percentile = limits.limit_percentile?.toUpperCase()
    const of = t(`result.${name}`)
    return percentile === undefined
      ? t('question.limit', { name: of, value })
      : t('question.limitAt', { name: of, percentile, value })
  }
  const ofLimits = () => {
    const rate = limits.min_request_rate
    const said = [
      latency('ttft', limits.max_ttft_ms),
      latency('tpot', limits.max_tpot_ms),
      latency('e2e', limits.max_e2e_latency_ms),
      rate === null ? undefined : t('question.rateAtLeast', { rate: figure(Number(rate)) }),
    ].filter((one) => one !== undefined)
    return said.length === 0 ? t('question.noLimits') : said.join(' · ')
  }
  const ofConcurrency = () => {
    switch (batches.kind) {
      case 'ladder':
        return t('question.find_best')
      case 'list':
        return t('question.find_listed', { list: batches.list })
      default:
        return t('question.find_at', { count: count(inference.batch_size) as never })
    }
  }
  const rate = traffic.request_rate
  return {
    model: join(
      titleIn(models, 'model'),
      inference.weight_dtype ?? undefined,
      inference.engine != null && engineName(inference.engine),
    ),
    chips: ofTopology(),
    load: join(
      t('question.lengths', {
        input: count(inference.input_seq_length),
        output: count(inference.output_seq_length),
      }),
      traffic.arrivals === 'closed_loop' && t('question.arrivals_closed_loop'),
      traffic.arrivals === 'poisson' &&
        t('question.arrivals_poisson', { rate: rate === null ? '?' : figure(Number(rate)) }),
    ),
    limits: ofLimits(),
    search: join(
      ofConcurrency(),
      limits.objective !== 'throughput' && t(`form.objective_${limits.objective}`),
      limits.risk === 'cautious' && t('question.cautiously'),
      limits.serving !== 'aggregated' && t(`form.serving_${limits.serving}`),
      values.search_mode === 'manual' && t('question.onePlan'),
    ),
    record:
      join(
        values.experiment_name.trim(),
        values.sweep.first + values.sweep.second !== '' && t('question.sweep'),
      ) || t('question.more'),
  }
}
