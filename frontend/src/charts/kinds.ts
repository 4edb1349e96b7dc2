import type { OperatorTime, Phase } from '@/api/types'
import type { Palette } from '@/charts/palette'

/** Why time passes; the five add up to the time itself. */
export const kinds = ['compute', 'memory', 'communication', 'overhead', 'waiting'] as const
export type Kind = (typeof kinds)[number]

export type Times = Pick<Phase | OperatorTime, `${Kind}_ms`>

export function timeOf(times: Times, kind: Kind): number {
  return times[`${kind}_ms`]
}

export function kindColor(palette: Palette, kind: Kind): string {
  return palette[kind]
}

/** Operators that take any time at all, the longest first. */
export function operatorsByTime(phase: Phase): readonly OperatorTime[] {
  return phase.operators
    .filter(({ time_ms }) => time_ms > 0)
    .toSorted((a, b) => b.time_ms - a.time_ms)
}
