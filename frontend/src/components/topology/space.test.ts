import { describe, expect, it } from 'vitest'
import { linksIn, middleOf, placesOf, spaceOf } from './space'

const cluster = { pods: 4, racks_per_pod: 8, boards_per_rack: 4, chips_per_board: 8 }

describe('a cluster in space', () => {
  it('gives each of its chips a place of its own, within its size', () => {
    const space = spaceOf(cluster)
    const places = placesOf(cluster).map(space.place)
    expect(new Set(places.map(String)).size).toBe(1024)
    for (const axis of [0, 2] as const) {
      expect(Math.max(...places.map((place) => place[axis]))).toBeLessThan(space.size[axis] / 2)
      expect(Math.min(...places.map((place) => place[axis]))).toBeGreaterThan(-space.size[axis] / 2)
    }
  })

  it('keeps racks apart, and pods further', () => {
    const space = spaceOf(cluster)
    const [one, other] = [middleOf(space, 0), middleOf(space, 1)]
    expect(other[0] - one[0]).toBeGreaterThan(space.rack[0])
    const between = (first: number, second: number) =>
      Math.hypot(
        middleOf(space, second)[0] - middleOf(space, first)[0],
        middleOf(space, second)[2] - middleOf(space, first)[2],
      )
    expect(between(0, 8)).toBeGreaterThan(between(0, 1))
  })

  it('puts a board beneath its chips', () => {
    const space = spaceOf(cluster)
    const chips = placesOf(cluster).filter(({ rack, board }) => rack === 3 && board === 2)
    const [x, y, z] = middleOf(space, 3, 2)
    const mean = (axis: 0 | 2) =>
      chips.reduce((sum, chip) => sum + space.place(chip)[axis], 0) / chips.length
    expect(mean(0)).toBeCloseTo(x)
    expect(mean(2)).toBeCloseTo(z)
    expect(space.place({ rack: 3, board: 2, chip: 0 })[1]).toBeGreaterThan(y)
  })

  it('links only what there is more than one of, each link of some length', () => {
    const tiersOf = (tiers: typeof cluster) => [
      ...new Set(linksIn(spaceOf(tiers), tiers, placesOf(tiers)).map(({ tier }) => tier)),
    ]
    expect(tiersOf(cluster)).toEqual(['c2c', 'b2b', 'r2r', 'p2p'])
    expect(tiersOf({ ...cluster, pods: 1, racks_per_pod: 1 })).toEqual(['c2c', 'b2b'])
    const links = linksIn(spaceOf(cluster), cluster, placesOf(cluster))
    expect(links.filter(({ tier }) => tier === 'c2c')).toHaveLength(1024)
    expect(links.filter(({ tier }) => tier === 'p2p')).toHaveLength(4)
    for (const { from, to } of links) {
      expect(Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2])).toBeGreaterThan(0)
    }
  })
})
