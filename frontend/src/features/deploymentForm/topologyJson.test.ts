import { describe, expect, it } from 'vitest'
import { topologyOf, topologyText, usedTiers } from './topologyJson'

const flat = {
  pods: 1,
  racks_per_pod: 2,
  boards_per_rack: 4,
  chips_per_board: 8,
  links: { b2b: { bandwidth: '400 Gb/s', latency: '4 us' } },
}

describe('a topology as text', () => {
  it('is read with its four sizes', () => {
    expect(topologyOf(JSON.stringify(flat))).toEqual(flat)
    expect(topologyOf(topologyText(flat))).toEqual(flat)
  })

  it('is read as a tree, whose equal nodes may be counted', () => {
    const board = { chips: [{ count: 4 }, { count: 4 }] }
    const rack = { boards: [board, board, board, board] }
    const tree = { pods: [{ racks: [{ count: 2, ...rack }] }], interconnect: { links: flat.links } }
    expect(topologyOf(JSON.stringify(tree))).toEqual(flat)
  })

  it('is none where a size is missing or no number', () => {
    expect(topologyOf('{"pods": 1}')).toBeUndefined()
    expect(topologyOf(JSON.stringify({ ...flat, chips_per_board: 'eight' }))).toBeUndefined()
    expect(topologyOf('{"pods": [{"racks": []}]}')).toBeUndefined()
    expect(topologyOf('{')).toBeUndefined()
  })

  it('has links where more than one member is connected', () => {
    expect(usedTiers(flat)).toEqual(['c2c', 'b2b', 'r2r'])
    expect(usedTiers({ ...flat, racks_per_pod: 1, chips_per_board: 1 })).toEqual(['b2b'])
  })
})
