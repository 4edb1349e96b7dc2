import { expect, test } from 'vitest'
import { colorsOf } from '@/theme'
import { endOf, idleColor, loadColor, mixed } from './loadScale'

test('a scale ends at a round share that holds every load', () => {
  expect(endOf([0.03, 0.17])).toBe(0.25)
  expect(endOf([0.25])).toBe(0.25)
  expect(endOf([])).toBe(0.05)
  expect(endOf([1.4])).toBe(1)
})

test('colours lie between those of its ends, and never beyond', () => {
  expect(mixed('#000000', '#ff8000', 0.5)).toBe('#804000')
  expect(loadColor(0, 0.5, colorsOf.light)).toBe(idleColor(colorsOf.light))
  expect(loadColor(2, 0.5, colorsOf.dark)).toBe(colorsOf.dark.communication)
})
