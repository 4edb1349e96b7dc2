import { expect, test } from 'vitest'
import { defaults, positionOf, previewRequest, scales, settingsOf, valueAt } from './settings'

const chip = { memory_bandwidth: 4e12, peak_flops: { bf16: 1e15, fp8: 2e15 } }

test('what the address leaves out follows the defaults', () => {
  expect(settingsOf({ batch: 8 })).toEqual({ ...defaults, batch: 8 })
})

test('an unchanged chip is asked for by its name', () => {
  expect(previewRequest(defaults, chip)?.hardware).toBe('h200-sxm')
})

test('a factor multiplies the figures of the chip', () => {
  expect(previewRequest({ ...defaults, bandwidth: 2, flops: 0.5 }, chip)?.hardware).toEqual({
    base: 'h200-sxm',
    memory_bandwidth: 8e12,
    peak_flops: { bf16: 5e14, fp8: 1e15 },
  })
})

test('nothing is asked before the chip is known', () => {
  expect(previewRequest(defaults, undefined)).toBeUndefined()
})

test('positions of a slider and its values belong together', () => {
  for (const scale of Object.values(scales)) {
    for (let position = scale.low; position <= scale.high; position += 1) {
      expect(positionOf(scale, valueAt(scale, position))).toBe(position)
    }
  }
  expect(valueAt(scales.input, 17)).toBe(131_072)
})
