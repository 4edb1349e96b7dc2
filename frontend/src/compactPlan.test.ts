import { expect, test } from 'vitest'
import { degreesTold } from './compactPlan'

test('the signs explained are those that the plans have', () => {
  const one = { dp: 1, tp: 8, pp: 1, ep: 1, sp: 1, moe_tp: 1, dcp: 1 }
  const signs = degreesTold([one, { ...one, dp: 2, ep: 16 }]).map(({ sign }) => sign)
  expect(signs).toEqual(['TP', 'DP', 'EP'])
  expect(degreesTold([{ ...one, dcp: 8 }]).map(({ sign }) => sign)).toEqual(['TP', 'DCP'])
})
