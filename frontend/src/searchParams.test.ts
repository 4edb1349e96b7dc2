import { expect, test } from 'vitest'
import { analysisSearch, compareSearch, planId, resultSearch } from '@/searchParams'

test('what an address says is kept', () => {
  const raw = { plan: 3, sort: 'ttft', desc: true, axis: 'tpot', task: 'abc', status: ['failed'] }
  expect(analysisSearch(raw)).toMatchObject(raw)
})

test('one status without a list is a list of one', () => {
  expect(analysisSearch({ status: 'failed' }).status).toEqual(['failed'])
})

test('plans to compare are a task and a rank each, the best where none is said', () => {
  expect(compareSearch({ plans: ['a:3', 'b', ':1', 'c:0', 7] }).plans).toEqual(['a:3', 'b'])
  expect(['a:3', 'b'].map(planId)).toEqual([
    { task_id: 'a', rank: 3 },
    { task_id: 'b', rank: 1 },
  ])
})

test('nonsense in an address is passed over', () => {
  const raw = { plan: -1, sort: 'colour', desc: 'maybe', axis: 'z', reason: 4 }
  expect(Object.values(resultSearch(raw)).every((value) => value === undefined)).toBe(true)
  expect(analysisSearch({ status: 'lost' }).status).toBeUndefined()
})
