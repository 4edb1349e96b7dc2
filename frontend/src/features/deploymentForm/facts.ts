import type { ChipSummary, ModelSummary, TopologySummary } from '@/api/types'
import type { Formats } from '@/i18n/format'

export interface Fact {
  readonly label:
    | 'parameters'
    | 'active'
    | 'attention'
    | 'experts'
    | 'layers'
    | 'memory'
    | 'bandwidth'
    | 'peak'
    | 'power'
    | 'chips'
  readonly value: string
}

/** What decides about a model at one glance. */
export function modelFacts(model: ModelSummary, formats: Formats): Fact[] {
  const facts: Fact[] = [{ label: 'parameters', value: formats.parameters(model.parameters) }]
  if (model.active_parameters < model.parameters * 0.99) {
    facts.push({ label: 'active', value: formats.parameters(model.active_parameters) })
  }
  if (isMixture(model)) facts.push({ label: 'experts', value: formats.integer(model.num_experts) })
  facts.push(
    { label: 'layers', value: formats.integer(model.num_hidden_layers) },
    { label: 'attention', value: model.attention.toUpperCase() },
  )
  return facts
}

export function isMixture(
  model: Pick<ModelSummary, 'num_experts'>,
): model is { num_experts: number } {
  return (model.num_experts ?? 0) > 1
}

const headlineDtypes = ['bf16', 'fp8']

/** Peaks in the number formats deployments are compared by, else in whatever there is. */
export function headlinePeaks(peaks: Readonly<Record<string, number>>): [string, number][] {
  const all = Object.entries(peaks)
  const headline = all.filter(([dtype]) => headlineDtypes.includes(dtype))
  return headline.length > 0 ? headline : all.slice(0, 2)
}

export function chipFacts(chip: ChipSummary, formats: Formats): Fact[] {
  const facts: Fact[] = [
    { label: 'memory', value: formats.bytes(chip.memory_capacity) },
    { label: 'bandwidth', value: formats.bandwidth(chip.memory_bandwidth) },
  ]
  const peaks = headlinePeaks(chip.peak_flops)
  if (peaks.length > 0) {
    const values = peaks.map(([dtype, peak]) => `${formats.teraflops(peak)} ${dtype}`)
    facts.push({ label: 'peak', value: `${values.join(', ')} TFLOP/s` })
  }
  if (chip.tdp != null) facts.push({ label: 'power', value: `${formats.integer(chip.tdp)} W` })
  return facts
}

export function topologyFacts(topology: TopologySummary, formats: Formats): Fact[] {
  return [{ label: 'chips', value: formats.integer(topology.chips) }]
}
