import type { Tiers } from './space'
import './topology.css'

const mostChips = 512

/** So many groups are drawn; the rest is said by "× n". */
function shown(count: number, most: number): number {
  return Math.max(1, Math.min(count, most))
}

/** A topology as boxes in boxes: racks of boards of chips, a few of them where there are many. */
export function TopologyPicture({ topology, label }: { topology: Tiers; label: string }) {
  const { pods, racks_per_pod, boards_per_rack, chips_per_board } = topology
  const chips = shown(chips_per_board, 128)
  const boards = shown(boards_per_rack, Math.floor(mostChips / chips))
  const racks = shown(racks_per_pod * pods, Math.floor(mostChips / (chips * boards)))
  const [cell, gap, pad] = [5, 1.5, 4]
  const across = Math.ceil(Math.sqrt(chips * 2))
  const down = Math.ceil(chips / across)
  const board = { width: across * (cell + gap) + gap, height: down * (cell + gap) + gap }
  const columns = Math.ceil(Math.sqrt(boards / 4))
  const rows = Math.ceil(boards / columns)
  const rack = {
    width: columns * (board.width + pad) + pad,
    height: rows * (board.height + pad) + pad,
  }
  const perLine = Math.max(1, Math.floor(460 / (rack.width + pad)))
  const lines = Math.ceil(racks / perLine)
  const chipsDrawn = Array.from({ length: chips }, (_, c) => {
    const left = gap + (c % across) * (cell + gap)
    const top = gap + Math.floor(c / across) * (cell + gap)
    return `M${left} ${top}h${cell}v${cell}h-${cell}z`
  }).join('')
  const hidden = (racks_per_pod * pods) / racks
  const size = {
    width: Math.min(racks, perLine) * (rack.width + pad),
    height: lines * (rack.height + pad),
  }
  return (
    <figure className="topology-picture">
      <svg {...size} role="img" aria-label={label}>
        {Array.from({ length: racks }, (_, r) => {
          const at = {
            x: (r % perLine) * (rack.width + pad),
            y: Math.floor(r / perLine) * (rack.height + pad),
          }
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a place is what a rack is known by
            <g key={r} transform={`translate(${at.x} ${at.y})`}>
              <rect
                className="rack"
                x={0.5}
                y={0.5}
                width={rack.width - 1}
                height={rack.height - 1}
                rx={3}
              />
              {Array.from({ length: boards }, (_, b) => {
                const left = pad + (b % columns) * (board.width + pad)
                const top = pad + Math.floor(b / columns) * (board.height + pad)
                return (
                  // biome-ignore lint/suspicious/noArrayIndexKey: likewise
                  <g key={b} transform={`translate(${left} ${top})`}>
                    <rect className="board" width={board.width} height={board.height} rx={2} />
                    <path className="chip" d={chipsDrawn} />
                  </g>
                )
              })}
            </g>
          )
        })}
      </svg>
      {hidden > 1 && <figcaption className="muted">× {Math.round(hidden * 10) / 10}</figcaption>}
    </figure>
  )
}
