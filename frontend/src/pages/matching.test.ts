import { expect, test } from 'vitest'
import { matching } from './matching'

const entries = [
  { title: 'NVIDIA H200 SXM', words: 'h200-sxm' },
  { title: 'NVIDIA H20', words: 'h20' },
  { title: 'Qwen3 32B', hint: '32.8B parameters', words: 'Qwen/Qwen3-32B' },
]

function found(text: string, most = 9): string[] {
  return matching(entries, text, most).map(({ title }) => title)
}

test('every word has to be there, in whatever case and order', () => {
  expect(found('32b QWEN')).toEqual(['Qwen3 32B'])
  expect(found('qwen h20')).toEqual([])
})

test('a whole word comes before a part of a longer one', () => {
  expect(found('h20')).toEqual(['NVIDIA H20', 'NVIDIA H200 SXM'])
  expect(found('h20', 1)).toEqual(['NVIDIA H20'])
})

test('what is called so comes first', () => {
  const entries = [{ title: 'H20-3e 141 GB' }, { title: 'H20 96 GB', hint: 'h20' }]
  expect(matching(entries, 'H20', 1)).toEqual([entries[1]])
})

test('without a word everything is found in its order', () => {
  expect(found(' ')).toEqual(entries.map(({ title }) => title))
})
