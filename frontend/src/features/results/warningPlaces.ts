import type { EvaluationWarning } from '@/api/types'

/** A banner asks for something to be done; a note stands beside the figures it is about. */
type WarningPlace = 'banner' | 'latency' | 'answer'

const places: Readonly<Record<EvaluationWarning['code'], WarningPlace>> = {
  chip_label: 'banner',
  context_length: 'banner',
  weights_assumed_bf16: 'banner',
  unread_keys: 'banner',
  draft_model_unnamed: 'banner',
  vocabularies_differ: 'banner',
  no_engine_starts: 'banner',
  engine_not_on_chip: 'banner',
  engine_lacks_model: 'banner',
  price_kinds_differ: 'banner',
  overloaded: 'banner',
  other: 'banner',
  requests_in_step: 'latency',
  simulated_aggregated_only: 'answer',
  image_tokens_assumed: 'answer',
  format_from_name: 'answer',
  residual_attention_untimed: 'answer',
  attention_in_bf16: 'answer',
  cache_format_of_checkpoint: 'answer',
  prompts_outside_measured: 'answer',
  outputs_outside_measured: 'answer',
  eagle_head_assumed: 'answer',
  prediction_layer_in_bf16: 'answer',
  pools_of_one_engine: 'answer',
  percentile_tried: 'answer',
  percentile_tried_best: 'answer',
  preview_without_traffic: 'answer',
  hypothetical_chips: 'answer',
}

/** Those said at some places; one that a newer service has is a banner. */
export function warningsAt(
  warnings: readonly EvaluationWarning[],
  ...wanted: readonly WarningPlace[]
): readonly EvaluationWarning[] {
  return warnings.filter(({ code }) => wanted.includes(places[code] ?? 'banner'))
}
