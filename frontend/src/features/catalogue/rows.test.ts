import { expect, test } from 'vitest'
import { rowsWith, sortedBy } from './rows'

const chips = [
  { name: 'h20', title: 'NVIDIA H20 96 GB', price: null },
  { name: 'h200-sxm', title: 'NVIDIA H200 SXM', price: 3.8 },
  { name: 'mi300x', title: 'AMD MI300X', price: 2.1 },
]

test('every word typed has to be found, in whatever case and order', () => {
  const words = (chip: (typeof chips)[number]) => [chip.name, chip.title]
  expect(rowsWith(chips, 'sxm nvidia', words)).toEqual([chips[1]])
  expect(rowsWith(chips, '  ', words)).toEqual(chips)
  expect(rowsWith(chips, 'tpu', words)).toEqual([])
})

test('what has no value comes last whichever way is sorted', () => {
  const price = (chip: (typeof chips)[number]) => chip.price
  expect(sortedBy(chips, price, false).map(({ name }) => name)).toEqual([
    'mi300x',
    'h200-sxm',
    'h20',
  ])
  expect(sortedBy(chips, price, true).map(({ name }) => name)).toEqual([
    'h200-sxm',
    'mi300x',
    'h20',
  ])
})

test('numbers in names are compared as numbers', () => {
  const named = ['b300', 'b20', 'b100']
  expect(sortedBy(named, (name) => name, false)).toEqual(['b20', 'b100', 'b300'])
})
