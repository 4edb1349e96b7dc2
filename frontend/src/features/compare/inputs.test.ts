import { expect, test } from 'vitest'
import { differing } from './inputs'

const input = (field: string) => ({ field, values: [1, 2] })
const fields = (inputs: readonly { field: string }[]) => inputs.map(({ field }) => field)

test('factors of the calibration and sources of figures are nobody’s input', () => {
  const { chosen, following } = differing(
    [
      'calibration.factors.gemm_compute',
      'decode_calibration.tpot_correction',
      'calibration.provenance',
      'economics.sources.chip_usd_per_hour',
      'economics.chip_usd_per_hour.*',
    ].map(input),
  )
  expect(fields(chosen)).toEqual(['economics.chip_usd_per_hour.*', 'calibration.provenance'])
  expect(following).toEqual([])
})

test('of another chip and model their figures follow; the load was chosen', () => {
  const { chosen, following } = differing(
    [
      'topology.links.c2c.bandwidth',
      'inference.batch_size',
      'model.hidden_size',
      'hardware.tdp',
      'hardware.name',
      'model.name',
    ].map(input),
  )
  expect(fields(chosen)).toEqual(['model.name', 'hardware.name', 'inference.batch_size'])
  expect(fields(following)).toEqual([
    'topology.links.c2c.bandwidth',
    'hardware.tdp',
    'model.hidden_size',
  ])
})

test('figures changed of a chip that keeps its name were chosen', () => {
  const { chosen } = differing([input('hardware.memory_bandwidth')])
  expect(fields(chosen)).toEqual(['hardware.memory_bandwidth'])
})
