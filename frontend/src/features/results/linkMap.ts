import type { LinkTier } from '@/components/topology/space'

/** Where the ranks of a map sit. */
export interface Seats {
  readonly pod: readonly number[]
  readonly rack: readonly number[]
  readonly board: readonly number[]
}

interface Box {
  readonly kind: 'rack' | 'board'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A cluster with its links in the plane: what hangs on one another, tier by tier. */
interface LinkMap {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly chips: readonly { readonly index: number; readonly x: number; readonly y: number }[]
  /** Of each tier that connects anything, its lines. */
  readonly links: readonly { readonly tier: LinkTier; readonly path: string }[]
}

export const chip = { width: 16, height: 11 }
const [step, mostInLine, pad] = [20, 12, 6]
const line = { height: chip.height + 9 }
const margin = 18

/** Members of a tier in the order they come, each with its ranks. */
function grouped(
  indices: readonly number[],
  of: (index: number) => number,
): readonly (readonly number[])[] {
  const groups = new Map<number, number[]>()
  for (const index of indices) groups.set(of(index), [...(groups.get(of(index)) ?? []), index])
  return [...groups.values()]
}

/** How wide the rack of these boards is drawn. */
function rackWidth(boards: readonly (readonly number[])[]): number {
  const widest = Math.max(...boards.map(({ length }) => Math.min(length, mostInLine)))
  return widest * step + 4 * pad + 6
}

/** Lays out pods beneath each other, racks of a pod beside each other, boards in a rack. */
export function linkMap({ pod, rack, board }: Seats, room: number): LinkMap {
  const boxes: Box[] = []
  const chips: { index: number; x: number; y: number }[] = []
  const paths: Record<LinkTier, string[]> = { c2c: [], b2b: [], r2r: [], p2p: [] }
  const pods = grouped([...pod.keys()], (index) => pod[index] ?? 0)

  /** Chips on their line, and the lines on one another; tells its height. */
  const drawBoard = (indices: readonly number[], x: number, y: number): number => {
    const lines = Math.ceil(indices.length / mostInLine)
    const height = lines * line.height + 2 * pad - 4
    const width = Math.min(indices.length, mostInLine) * step + 2 * pad - 4
    boxes.push({ kind: 'board', x, y, width, height })
    indices.forEach((index, place) => {
      const left = x + pad + (place % mostInLine) * step
      const top = y + pad + Math.floor(place / mostInLine) * line.height
      chips.push({ index, x: left, y: top })
      if (indices.length === 1) return
      const middle = left + chip.width / 2
      paths.c2c.push(`M${middle} ${top + chip.height}v5`)
      if (place % mostInLine > 0)
        paths.c2c.push(`M${middle - step} ${top + chip.height + 5}h${step}`)
    })
    if (lines > 1) {
      const first = y + pad + chip.height + 5
      const left = x + pad + chip.width / 2
      paths.c2c.push(`M${left} ${first}v${(lines - 1) * line.height}`)
    }
    return height
  }

  /** Boards beneath each other on a line at their left; tells its size. */
  const drawRack = (boards: readonly (readonly number[])[], x: number, y: number) => {
    const inner = x + pad + 10
    let top = y + pad
    const middles: number[] = []
    for (const ranks of boards) {
      const height = drawBoard(ranks, inner, top)
      middles.push(top + height / 2)
      top += height + 5
    }
    const [first = 0, last = 0] = [middles[0], middles.at(-1)]
    if (boards.length > 1) {
      paths.b2b.push(`M${x + pad + 3} ${first}V${last}`)
      for (const middle of middles) paths.b2b.push(`M${x + pad + 3} ${middle}H${inner}`)
    }
    const width = rackWidth(boards)
    const height = top - 5 + pad - y
    boxes.push({ kind: 'rack', x, y, width, height })
    return { width, height }
  }

  let [y, right] = [4, 0]
  const roots: number[] = []
  for (const ranks of pods) {
    const racks = grouped(ranks, (index) => rack[index] ?? 0)
    let [x, tallest, lineTop] = [margin, 0, y]
    const lines: { y: number; hangs: number[] }[] = [{ y, hangs: [] }]
    for (const members of racks) {
      const boards = grouped(members, (index) => board[index] ?? 0)
      if (x > margin && x + rackWidth(boards) > room) {
        lineTop += tallest + 18
        ;[x, tallest] = [margin, 0]
        lines.push({ y: lineTop, hangs: [] })
      }
      const { width, height } = drawRack(boards, x, lineTop + 8)
      lines.at(-1)?.hangs.push(x + pad + 3)
      x += width + 10
      right = Math.max(right, x)
      tallest = Math.max(tallest, height)
    }
    if (racks.length > 1) {
      for (const { y: top, hangs } of lines) {
        const last = hangs.at(-1) ?? margin
        paths.r2r.push(`M${margin - 6} ${top}H${last}`)
        for (const hang of hangs) paths.r2r.push(`M${hang} ${top}v8`)
      }
      paths.r2r.push(`M${margin - 6} ${lines[0]?.y ?? y}V${lineTop}`)
    }
    roots.push(y)
    y = lineTop + tallest + 22
  }
  if (pods.length > 1) {
    paths.p2p.push(`M4 ${roots[0] ?? 0}V${roots.at(-1) ?? 0}`)
    for (const root of roots) paths.p2p.push(`M4 ${root}h${margin - 10}`)
  }
  return {
    width: right,
    height: y - 10,
    boxes,
    chips,
    links: (['c2c', 'b2b', 'r2r', 'p2p'] as const).flatMap((tier) =>
      paths[tier].length === 0 ? [] : [{ tier, path: paths[tier].join('') }],
    ),
  }
}
