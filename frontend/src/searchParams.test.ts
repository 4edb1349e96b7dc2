import * as v from 'valibot'
import { expect, test } from 'vitest'
import { analysisSearch, compareSearch, isChoice, planId, resultSearch } from '@/searchParams'

test('what an address says is kept', () => {
  const raw = { plan: 3, sort: 'ttft', desc: true, axis: 'tpot', task: 'abc', status: ['failed'] }
  expect(v.parse(analysisSearch, raw)).toMatchObject(raw)
})

test('one status without a list is a list of one', () => {
  expect(v.parse(analysisSearch, { status: 'failed' }).status).toEqual(['failed'])
})

test('plans to compare are a task and a rank each, the best where none is said', () => {
  const raw = { plans: ['a:3', 'b', ':1', 'c:0', 7] }
  expect(v.parse(compareSearch, raw).plans).toEqual(['a:3', 'b'])
  expect(v.parse(compareSearch, {}).plans).toEqual([])
  expect(v.parse(compareSearch, { ...raw, base: 'b' }).base).toBe('b')
  expect(['a:3', 'b'].map(planId)).toEqual([
    { task_id: 'a', rank: 3 },
    { task_id: 'b', rank: 1 },
  ])
})

test('nonsense in an address is passed over', () => {
  const raw = { plan: -1, sort: 'colour', desc: 'maybe', axis: 'z', reason: 4 }
  const read = v.parse(resultSearch, raw)
  expect(Object.values(read).every((value) => value === undefined)).toBe(true)
  expect(v.parse(analysisSearch, { status: 'lost' }).status).toBeUndefined()
})

test('only another plan is a step that Back undoes', () => {
  const now = v.parse(resultSearch, { plan: 2 })
  expect(isChoice(now, { plan: 3 })).toBe(true)
  expect(isChoice(now, { point: '1-1-1-1-1-1-1@8' })).toBe(true)
  expect(isChoice(now, { plan: 2 })).toBe(false)
  expect(isChoice(now, { point: undefined, tab: 'memory' })).toBe(false)
})
