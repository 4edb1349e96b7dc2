import type { Comparison } from '@/api/types'

export type Input = Comparison['inputs'][number]

/** What follows from other inputs and says nothing of its own: factors of the calibration, where a
 * figure was taken from, how many plans are listed. */
const internal =
  /^(?:decode_)?calibration\.(?!provenance$)|^economics\.sources\.|\.price_(?:source|kind)$|\.top_k$|^model\.notes/

/** A part whose name stands for the rest of it, and what else follows from that name. */
const parts = [
  { name: 'model.name', follows: /^model\./ },
  { name: 'hardware.name', follows: /^(?:hardware|topology\.links)\./ },
  { name: 'decode_hardware.name', follows: /^decode_hardware\./ },
  { name: 'topology.name', follows: /^topology\./ },
] as const

const order = [
  /^model\.name$/,
  /^(?:decode_)?hardware\.name$/,
  /^topology\./,
  /^hardware\./,
  /^inference\./,
  /^search/,
  /^economics\./,
  /^model\./,
]

function placeOf({ field }: Input): number {
  const place = order.findIndex((one) => one.test(field))
  return place < 0 ? order.length : place
}

export interface Differing {
  /** What somebody chose otherwise. */
  readonly chosen: readonly Input[]
  /** What is another because the model, the chip or the topology is another. */
  readonly following: readonly Input[]
}

/** Differing inputs, told apart by whether somebody chose them; without those that only we read. */
export function differing(inputs: readonly Input[]): Differing {
  const shown = inputs
    .filter(({ field }) => !internal.test(field))
    .toSorted((a, b) => placeOf(a) - placeOf(b))
  const named = parts.filter(({ name }) => shown.some(({ field }) => field === name))
  const names = new Set<string>(parts.map(({ name }) => name))
  const follows = ({ field }: Input) =>
    !names.has(field) && named.some(({ follows }) => follows.test(field))
  return {
    chosen: shown.filter((input) => !follows(input)),
    following: shown.filter(follows),
  }
}
