import type { Parallelism, Pool } from '@/api/types'

const order = [
  'tp',
  'dcp',
  'pp',
  'dp',
  'sp',
  'ep',
  'moe_tp',
] as const satisfies readonly (keyof Parallelism)[]
const signs: Record<keyof Parallelism, string> = {
  tp: 'TP',
  dcp: 'DCP',
  pp: 'PP',
  dp: 'DP',
  sp: 'SP',
  ep: 'EP',
  moe_tp: 'MoE-TP',
}

/** All degrees of a plan on one chip. */
export const oneChip: Parallelism = { dp: 1, tp: 1, pp: 1, ep: 1, sp: 1, moe_tp: 1, dcp: 1 }

/** The degrees that names of these plans tell, in the order they stand in, with their signs. */
export function degreesTold(
  plans: readonly Parallelism[],
): readonly { degree: keyof Parallelism; sign: string }[] {
  const told = order.filter((degree) => plans.some((plan) => plan[degree] > 1))
  return told.map((degree) => ({ degree, sign: signs[degree] }))
}

/** "TP8 · DP8 · EP64": degrees of 1 are left out, as they spread nothing. */
export function compactPlan(parallelism: Parallelism): string {
  const parts = order.filter((degree) => parallelism[degree] > 1)
  if (parts.length === 0) return 'TP1'
  return parts.map((degree) => `${signs[degree]}${parallelism[degree]}`).join(' · ')
}

type PoolIdentity = Pick<Pool, 'instances' | 'parallelism'>

function poolText({ instances, parallelism }: PoolIdentity, sign: string): string {
  return `${instances}${sign} ${compactPlan(parallelism)}`
}

interface Titled {
  readonly parallelism: Parallelism | null
  readonly pools?: { readonly prefill: PoolIdentity; readonly decode: PoolIdentity } | null
}

/** "1P TP4 + 2D DP8 · EP8" for pools of 1 prefill and 2 decode instances, else the one plan. */
export function planTitle({ parallelism, pools }: Titled): string {
  if (pools == null) return parallelism === null ? '–' : compactPlan(parallelism)
  return `${poolText(pools.prefill, 'P')} + ${poolText(pools.decode, 'D')}`
}
