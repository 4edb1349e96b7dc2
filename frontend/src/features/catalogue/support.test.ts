import { expect, test } from 'vitest'
import type { SupportCell } from '@/api/types'
import { enginesOf, matrixOf } from './support'

function cell(engine: string | null, chip: string | null, model: string | null): SupportCell {
  return {
    engine,
    chip,
    model,
    provenance: 'transferred',
    runs: 1,
    tpot_error: 0.1,
    ttft_error: 0.2,
    errors_of_model: false,
  }
}

const cells = [
  cell('vllm', 'h20', 'qwen'),
  cell('vllm', null, 'qwen'),
  cell('vllm', 'h20', null),
  cell('sglang', 'h20', 'qwen'),
  cell(null, null, null),
]

test('no engine is none of the engines', () => {
  expect(enginesOf(cells)).toEqual(['vllm', 'sglang'])
})

test('one engine is a matrix of models by chips', () => {
  const { chips, rows } = matrixOf(cells, 'vllm')
  expect(chips).toEqual(['h20', null])
  expect(rows.map(({ model }) => model)).toEqual(['qwen', null])
  expect(rows[0]?.byChip.get(null)).toBe(cells[1])
  expect(rows[1]?.byChip.get(null)).toBeUndefined()
})
