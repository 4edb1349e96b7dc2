import { objectiveValues } from '@/api/schema.gen'
import type { Objective, Plan, TradeOff } from '@/api/types'
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

/** The figure of a plan that an objective is about, as far as the plan has it. */
export function planFigure(plan: Plan, objective: Objective): number | null {
  switch (objective) {
    case 'throughput_per_chip':
      return plan.tps_per_chip
    case 'throughput':
      return plan.throughput
    case 'goodput':
      return plan.score
    case 'ttft':
      return plan.ttft
    case 'tpot':
      return plan.tpot
    case 'chips':
      return plan.chips
    case 'cost':
      return plan.economics?.usd_per_million_output_tokens ?? null
    case 'energy':
      return plan.economics?.joules_per_token ?? null
    default:
      return assertNever(objective)
  }
}
