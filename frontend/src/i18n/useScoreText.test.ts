import { expect, test } from 'vitest'
import { formatsFor } from './format'
import { scoreFigure } from './useScoreText'

const formats = formatsFor('en')

test('a rate is its score; latencies, chips, prices and energy are one over it', () => {
  expect(scoreFigure('throughput', 12_345, formats)).toBe('12,345')
  expect(scoreFigure('goodput', 3.21, formats)).toBe('3.21')
  // 1 / s to ms, tokens per USD to USD per million, tokens per joule to joules per token.
  expect(scoreFigure('ttft', 2, formats)).toBe('500\u00a0ms')
  expect(scoreFigure('chips', 1 / 3, formats)).toBe('3')
  expect(scoreFigure('cost', 2_000_000, formats)).toBe('$0.50')
  expect(scoreFigure('energy', 4, formats)).toBe('0.25')
})
