import type { Palette } from '@/charts/palette'

/** Ends of a scale of shares that something can be read from. */
const ends = [0.05, 0.1, 0.25, 0.5, 1] as const

/** The scale's end: the first round share that no load is beyond. */
export function endOf(loads: readonly number[]): number {
  const most = Math.max(0, ...loads)
  return ends.find((end) => most <= end) ?? 1
}

function channels(color: string): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
}

/** The colour between two colours, a share of the way. */
export function mixed(from: string, to: string, share: number): string {
  const [start, end] = [channels(from), channels(to)]
  const way = Math.min(1, Math.max(0, share))
  const parts = start.map((value, at) => Math.round(value + ((end[at] ?? 0) - value) * way))
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

/** The colour of no load: grey, and seen on every ground. */
export function idleColor({ line, muted }: Palette): string {
  return mixed(line, muted, 0.35)
}

/** The colour of a load, up to the scale's end. */
export function loadColor(load: number, end: number, palette: Palette): string {
  return mixed(idleColor(palette), palette.communication, load / end)
}
