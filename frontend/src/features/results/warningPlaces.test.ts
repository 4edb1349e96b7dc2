import { expect, test } from 'vitest'
import type { EvaluationWarning } from '@/api/types'
import { warningsAt } from './warningPlaces'

const warning = (code: string) => ({ code, message: code, values: {} }) as EvaluationWarning
const told = ['requests_in_step', 'attention_in_bf16', 'overloaded', 'of_tomorrow'].map(warning)
const codes = (found: readonly EvaluationWarning[]) => found.map(({ code }) => code)

test('only what asks for something to be done is a banner, and what nobody knows yet', () => {
  expect(codes(warningsAt(told, 'banner'))).toEqual(['overloaded', 'of_tomorrow'])
})

test('assumptions stand beside the figures, those of latencies beside these', () => {
  expect(codes(warningsAt(told, 'latency'))).toEqual(['requests_in_step'])
  expect(codes(warningsAt(told, 'latency', 'answer'))).toEqual([
    'requests_in_step',
    'attention_in_bf16',
  ])
})
