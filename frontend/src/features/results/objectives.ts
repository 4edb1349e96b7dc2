import { objectiveValues } from '@/api/schema.gen'
import type { Objective, TradeOff } from '@/api/types'
import { assertNever } from '@/assertNever'

export function isObjective(name: string): name is Objective {
  return objectiveValues.some((objective) => objective === name)
}

/** The figure of a trade-off that an objective is about. */
export function objectiveFigure(point: TradeOff, objective: Objective): number | null {
  switch (objective) {
    case 'throughput_per_chip':
      return point.tps_per_chip
    case 'throughput':
      return point.throughput
    case 'goodput':
      return point.request_rate
    case 'ttft':
      return point.ttft
    case 'tpot':
      return point.tpot
    case 'chips':
      return point.chips
    case 'cost':
      return point.usd_per_million_output_tokens
    case 'energy':
      return point.joules_per_token
    default:
      return assertNever(objective)
  }
}
