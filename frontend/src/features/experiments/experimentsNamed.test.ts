import { expect, test } from 'vitest'
import { experimentsNamed } from './experimentsNamed'

const one = { name: 'Qwen3 on H20', description: 'for the *order*', tags: ['q4'], pinned: false }
const other = { name: 'Kimi', description: null, tags: [], pinned: true }

test('pinned experiments stand first', () => {
  expect(experimentsNamed([one, other], '')).toEqual([other, one])
})

test('all words are looked for in name, notes and tags', () => {
  expect(experimentsNamed([one, other], 'h20 ORDER Q4')).toEqual([one])
  expect(experimentsNamed([one, other], 'h20 kimi')).toEqual([])
})
