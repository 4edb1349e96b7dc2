import type { TopologySummary } from '@/api/types'

/** How many of each are in one of the next: the shape of a cluster. */
export type Tiers = Pick<
  TopologySummary,
  'pods' | 'racks_per_pod' | 'boards_per_rack' | 'chips_per_board'
>

/** Where a chip sits. The racks of all pods are counted through, as are the boards of a rack. */
export interface Place {
  readonly rack: number
  readonly board: number
  readonly chip: number
}

type Vector = readonly [x: number, y: number, z: number]

/** A cluster in space: chips beside each other on a board, boards above each other in a rack. */
export interface Space {
  readonly place: (place: Place) => Vector
  readonly board: Vector
  readonly rack: Vector
  /** Width, height and depth of the whole. */
  readonly size: Vector
}

/** So thick is a board with its air, in widths of a chip. */
const floor = 0.8
const gap = { rack: 1.2, pod: 4 }

/** Columns and rows of so many things, about as wide as deep. */
function grid(count: number, wide: number, deep: number): readonly [columns: number, rows: number] {
  const columns = Math.max(1, Math.ceil(Math.sqrt((count * deep) / wide)))
  return [columns, Math.ceil(count / columns)]
}

/** Where everything stands, in widths of a chip, around the middle of the floor. */
export function spaceOf({ pods, racks_per_pod, boards_per_rack, chips_per_board }: Tiers): Space {
  const [across, down] = grid(chips_per_board, 1, 2)
  const rack: Vector = [across + 0.6, boards_per_rack * floor + 0.2, down + 0.6]
  const pitch = [rack[0] + gap.rack, rack[2] + gap.rack] as const
  const [columns, rows] = grid(racks_per_pod, pitch[0], pitch[1])
  const pod = [columns * pitch[0] + gap.pod, rows * pitch[1] + gap.pod] as const
  const [podColumns, podRows] = grid(pods, pod[0], pod[1])
  const size: Vector = [
    podColumns * pod[0] - gap.pod - gap.rack,
    rack[1],
    podRows * pod[1] - gap.pod - gap.rack,
  ]
  const place = ({ rack: index, board, chip }: Place): Vector => {
    const inPod = index % racks_per_pod
    const ofPod = Math.floor(index / racks_per_pod)
    const left = (ofPod % podColumns) * pod[0] + (inPod % columns) * pitch[0]
    const front = Math.floor(ofPod / podColumns) * pod[1] + Math.floor(inPod / columns) * pitch[1]
    return [
      left + 0.3 + (chip % across) + 0.5 - size[0] / 2,
      (board + 0.5) * floor,
      front + 0.3 + Math.floor(chip / across) + 0.5 - size[2] / 2,
    ]
  }
  return { place, board: [across + 0.3, 0.1, down + 0.3], rack, size }
}

/** The middle of a board, and of a rack. */
export function middleOf(space: Space, rack: number, board?: number): Vector {
  const [x, y, z] = space.place({ rack, board: board ?? 0, chip: 0 })
  const middle = [x - 0.8 + space.rack[0] / 2, z - 0.8 + space.rack[2] / 2] as const
  return [middle[0], board === undefined ? space.rack[1] / 2 : y - 0.2, middle[1]]
}

/** Every chip of a cluster, in the order of their numbers. */
export function placesOf(tiers: Tiers): Place[] {
  const { racks_per_pod, pods, boards_per_rack, chips_per_board } = tiers
  return Array.from({ length: pods * racks_per_pod * boards_per_rack * chips_per_board }).map(
    (_, number) => ({
      rack: Math.floor(number / (boards_per_rack * chips_per_board)),
      board: Math.floor(number / chips_per_board) % boards_per_rack,
      chip: number % chips_per_board,
    }),
  )
}

export type LinkTier = 'c2c' | 'b2b' | 'r2r' | 'p2p'

/** A link drawn from one place to another. */
export interface LinkInSpace {
  readonly tier: LinkTier
  readonly from: Vector
  readonly to: Vector
}

/** The links of a cluster: chips to their board, boards to their rack's front, racks to their pod's
 * hub above them, pods to one another. A tier of one member has none. */
export function linksIn(space: Space, tiers: Tiers, places: readonly Place[]): LinkInSpace[] {
  const { pods, racks_per_pod, boards_per_rack, chips_per_board } = tiers
  const links: LinkInSpace[] = []
  const add = (tier: LinkTier, from: Vector, to: Vector) => links.push({ tier, from, to })
  const front = ([x, y, z]: Vector, away: number): Vector => [x, y, z + space.rack[2] / 2 + away]
  if (chips_per_board > 1) {
    for (const place of places) {
      const [x, y, z] = space.place(place)
      const [middle, , depth] = middleOf(space, place.rack, place.board)
      add('c2c', [x, y + 0.2, z], [middle, y + 0.2, depth])
    }
  }
  const racks = Array.from({ length: pods * racks_per_pod }, (_, rack) => rack)
  if (boards_per_rack > 1) {
    for (const rack of racks) {
      const boards = Array.from({ length: boards_per_rack }, (_, board) =>
        middleOf(space, rack, board),
      )
      for (const board of boards) add('b2b', front(board, -0.2), front(board, 0.4))
      const [first, last] = [boards[0], boards.at(-1)]
      if (first !== undefined && last !== undefined) add('b2b', front(first, 0.4), front(last, 0.4))
    }
  }
  const above = space.rack[1] + 1.6
  const hubs = Array.from({ length: pods }, (_, pod): Vector => {
    const own = racks.slice(pod * racks_per_pod, (pod + 1) * racks_per_pod)
    const middles = own.map((rack) => middleOf(space, rack))
    const mean = (axis: 0 | 2) =>
      middles.reduce((sum, middle) => sum + middle[axis], 0) / middles.length
    return [mean(0), above, mean(2) + space.rack[2] / 2 + 0.4]
  })
  if (racks_per_pod > 1) {
    for (const rack of racks) {
      const [x, , z] = front(middleOf(space, rack), 0.4)
      const hub = hubs[Math.floor(rack / racks_per_pod)]
      if (hub === undefined) continue
      add('r2r', [x, space.rack[1] * 0.5, z], [x, above, z])
      add('r2r', [x, above, z], hub)
    }
  }
  if (pods > 1) {
    const core: Vector = [0, above + 2, 0]
    for (const hub of hubs) add('p2p', hub, core)
  }
  return links
}
