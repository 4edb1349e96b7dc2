import { expect, test } from 'vitest'
import { plan } from './examples'
import { type Figure, figuresShown } from './planColumns'

const figures: readonly Figure[] = [
  'chips',
  'batch_size',
  'throughput',
  'tps_per_chip',
  'ttft',
  'tpot',
  'keeps max_ttft',
  'mfu',
]
const chosenBy: readonly Figure[] = ['throughput', 'tps_per_chip', 'ttft', 'tpot']
const plans = [32, 64].map((batch_size) => plan({ batch_size }))

test('without a layout all columns are shown', () => {
  expect(figuresShown(figures, plans, undefined)).toEqual(figures)
})

test('the narrowest table keeps what plans are chosen by', () => {
  expect(figuresShown(figures, plans, 360)).toEqual(chosenBy)
})

test('what differs between plans comes before what is alike', () => {
  expect(figuresShown(figures, plans, 720)).toEqual([...chosenBy, 'batch_size'])
  expect(figuresShown(figures, plans, 2000).at(-1)).toBe('chips')
})
