import type { ChipSummary, PreviewRequest } from '@/api/types'
import type { WhatIfSearch } from '@/searchParams'

export type Settings = { readonly [K in keyof WhatIfSearch]-?: NonNullable<WhatIfSearch[K]> }

export const defaults: Settings = {
  model: 'llama-3.1-8b',
  chip: 'h200-sxm',
  topology: 'server-8',
  batch: 64,
  input: 1024,
  output: 256,
  bandwidth: 1,
  flops: 1,
}

/** What the address says, and the defaults for the rest. */
export function settingsOf(search: WhatIfSearch): Settings {
  return {
    model: search.model ?? defaults.model,
    chip: search.chip ?? defaults.chip,
    topology: search.topology ?? defaults.topology,
    batch: search.batch ?? defaults.batch,
    input: search.input ?? defaults.input,
    output: search.output ?? defaults.output,
    bandwidth: search.bandwidth ?? defaults.bandwidth,
    flops: search.flops ?? defaults.flops,
  }
}

export type SliderName = 'batch' | 'input' | 'output' | 'bandwidth' | 'flops'

/** A slider runs over powers of two: its positions from lowest to highest, so many to an octave. */
export interface Scale {
  readonly low: number
  readonly high: number
  readonly perOctave: number
}

export const scales: Record<SliderName, Scale> = {
  batch: { low: 0, high: 12, perOctave: 1 },
  input: { low: 7, high: 17, perOctave: 1 },
  output: { low: 5, high: 14, perOctave: 1 },
  bandwidth: { low: -8, high: 8, perOctave: 4 },
  flops: { low: -8, high: 8, perOctave: 4 },
}

export function valueAt({ perOctave }: Scale, position: number): number {
  return Number((2 ** (position / perOctave)).toPrecision(3 + 4 * Number(perOctave === 1)))
}

export function positionOf({ perOctave, low, high }: Scale, value: number): number {
  return Math.min(high, Math.max(low, Math.round(Math.log2(value) * perOctave)))
}

type Chip = Pick<ChipSummary, 'memory_bandwidth' | 'peak_flops'>

/** The chip by name while it is the catalogue's, else with the figures that were changed. */
function hardwareOf({ chip, bandwidth, flops }: Settings, figures: Chip | undefined) {
  if (figures === undefined || (bandwidth === 1 && flops === 1)) return chip
  const peaks = Object.entries(figures.peak_flops).map(([unit, peak]) => [unit, peak * flops])
  return {
    base: chip,
    ...(bandwidth === 1 ? {} : { memory_bandwidth: figures.memory_bandwidth * bandwidth }),
    ...(flops === 1 ? {} : { peak_flops: Object.fromEntries(peaks) as Record<string, number> }),
  }
}

/** Asks for the best plan alone. Factors need the chip's figures, without which nothing is asked. */
export function previewRequest(
  settings: Settings,
  figures: Chip | undefined,
): PreviewRequest | undefined {
  if (figures === undefined) return undefined
  const { model, topology, batch, input, output } = settings
  return {
    model,
    topology,
    hardware: hardwareOf(settings, figures),
    inference: { batch_size: batch, input_seq_length: input, output_seq_length: output },
    search_constraints: { top_k: 1 },
  }
}
