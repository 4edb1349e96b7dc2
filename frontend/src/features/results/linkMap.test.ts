import { expect, test } from 'vitest'
import { linkMap } from './linkMap'

/** Seats of so many pods, racks, boards and chips. */
function seats(pods: number, racks: number, boards: number, chips: number) {
  const number = Array.from({ length: pods * racks * boards * chips }, (_, index) => index)
  return {
    pod: number.map((index) => Math.floor(index / (racks * boards * chips))),
    rack: number.map((index) => Math.floor(index / (boards * chips)) % racks),
    board: number.map((index) => Math.floor(index / chips) % boards),
  }
}

const tiers = (map: ReturnType<typeof linkMap>) => map.links.map(({ tier }) => tier)

test('only tiers with more than one member have links', () => {
  expect(tiers(linkMap(seats(1, 1, 1, 1), 540))).toEqual([])
  expect(tiers(linkMap(seats(1, 1, 1, 8), 540))).toEqual(['c2c'])
  expect(tiers(linkMap(seats(1, 2, 4, 8), 540))).toEqual(['c2c', 'b2b', 'r2r'])
  expect(tiers(linkMap(seats(2, 2, 1, 1), 540))).toEqual(['r2r', 'p2p'])
})

test('every chip is drawn once, within its board, and nothing is wider than there is room', () => {
  const map = linkMap(seats(2, 6, 2, 8), 540)
  expect(new Set(map.chips.map(({ x, y }) => `${x} ${y}`)).size).toBe(192)
  const boards = map.boxes.filter(({ kind }) => kind === 'board')
  for (const { x, y } of map.chips) {
    expect(
      boards.some(
        (box) => x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height,
      ),
    ).toBe(true)
  }
  expect(map.width).toBeLessThanOrEqual(560)
  expect(Math.max(...map.boxes.map(({ y, height }) => y + height))).toBeLessThan(map.height)
})

test('a wide board has its chips on several lines', () => {
  const { chips, width } = linkMap(seats(1, 1, 1, 72), 540)
  expect(new Set(chips.map(({ y }) => y)).size).toBe(6)
  expect(width).toBeLessThan(540)
})
