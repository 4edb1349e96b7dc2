import { expect, test } from 'vitest'
import { analysisSearch, resultSearch } from '@/searchParams'

test('what an address says is kept', () => {
  const raw = { plan: 3, sort: 'ttft', desc: true, axis: 'tpot', task: 'abc', status: ['failed'] }
  expect(analysisSearch(raw)).toMatchObject(raw)
})

test('one status without a list is a list of one', () => {
  expect(analysisSearch({ status: 'failed' }).status).toEqual(['failed'])
})

test('nonsense in an address is passed over', () => {
  const raw = { plan: -1, sort: 'colour', desc: 'maybe', axis: 'z', reason: 4 }
  expect(Object.values(resultSearch(raw)).every((value) => value === undefined)).toBe(true)
  expect(analysisSearch({ status: 'lost' }).status).toBeUndefined()
})
