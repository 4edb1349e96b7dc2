import type { Decision, LimitProbability, Objective, Plan, SettlingRun } from '@/api/types'
import { planFigure } from './objectives'

/** What a cautious search wants of each limit. */
const sure = 0.8

/** Told apart by shape: sure enough for a cautious choice, or not. */
export function surenessSign(probability: number): string {
  return probability >= sure ? '✓' : '△'
}

/** How sure a plan is of a limit; results from before there were probabilities say nothing. */
export function limitOf(plan: Plan, code: string): LimitProbability | undefined {
  return plan.limits?.find((limit) => limit.code === code)
}

/** Beyond it, a probability is told as nearly sure. */
const nearlySure = 0.995

/** The limits of the search by how much there is to tell: some plan may break it, or none does. */
export function limitsOf(plans: readonly Plan[]): {
  readonly open: readonly LimitProbability[]
  readonly safe: readonly LimitProbability[]
} {
  const limits = plans[0]?.limits ?? []
  const isSafe = ({ code }: LimitProbability) =>
    plans.every((plan) => (limitOf(plan, code)?.probability ?? 0) >= nearlySure)
  return { open: limits.filter((limit) => !isSafe(limit)), safe: limits.filter(isSafe) }
}

export interface Gain {
  readonly limit: LimitProbability
  /** Of the first plan. */
  readonly before: number
}

/** The limits of which the alternative is surer than the first plan, by a percent at least. */
export function gains(first: Plan, robust: Plan): readonly Gain[] {
  return (robust.limits ?? []).flatMap((limit) => {
    const before = limitOf(first, limit.code)?.probability
    return before !== undefined && limit.probability - before >= 0.01 ? [{ limit, before }] : []
  })
}

export interface Price {
  readonly value: number
  readonly before: number
  /** As a share of the first plan's. */
  readonly change: number
}

/** What the alternative gives of the objective in place of the first plan's. */
export function price(first: Plan, robust: Plan, objective: Objective): Price | undefined {
  const [value, before] = [planFigure(robust, objective), planFigure(first, objective)]
  if (value === null || before === null || before === 0) return undefined
  return { value, before, change: value / before - 1 }
}

const measured = ['ttft_ms', 'tpot_ms'] as const

const predicted = [
  'ttft',
  'ttft_low',
  'ttft_high',
  'tpot',
  'tpot_low',
  'tpot_high',
] as const satisfies readonly (keyof SettlingRun)[]

/** Text with a comma or a quote stands in quotes. */
function cell(value: string | number | null): string {
  const text = String(value ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The runs as `tier6 calibrate --measurements` reads them: TTFT and TPOT are to be filled in. */
export function runsCsv(runs: readonly SettlingRun[]): string {
  const columns = Object.keys(runs[0]?.columns ?? {})
  const names = [...columns, ...measured, ...predicted.map((name) => `predicted_${name}_ms`)]
  const rows = runs.map((run) => [
    ...Object.values(run.columns),
    ...measured.map(() => ''),
    ...predicted.map((name) => Number(run[name].toPrecision(5))),
  ])
  return [names, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('')
}

/** What learns from the runs once they are measured. */
export const calibrateCommand = 'tier6 calibrate --measurements runs.csv'

/** Whether there is anything to choose another plan for. */
export function alternativeOf(decision: Decision): Plan | undefined {
  return decision.first_is_robust ? undefined : (decision.robust ?? undefined)
}
