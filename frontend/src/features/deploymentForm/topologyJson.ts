import type { Tiers } from '@/components/topology/space'
import { parseJsonObject } from './formValues'

export const sizes = ['pods', 'racks_per_pod', 'boards_per_rack', 'chips_per_board'] as const
export const linkTiers = ['c2c', 'b2b', 'r2r', 'p2p'] as const
export type LinkTier = (typeof linkTiers)[number]

/** A link as it is written: figures in basic units, or text such as "400 Gb/s" and "4 us". */
export interface WrittenLink {
  bandwidth?: number | string
  latency?: number | string
  in_network_reduction?: boolean
}

export interface WrittenTopology extends Tiers {
  links: Partial<Record<LinkTier, WrittenLink>>
}

type Tree = { readonly [key: string]: unknown }

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function linksOf(tree: Tree): WrittenTopology['links'] {
  const nested = isTree(tree.interconnect) ? tree.interconnect.links : undefined
  const links = tree.links ?? nested
  return isTree(links) ? (links as WrittenTopology['links']) : {}
}

/** How many members a list of nodes stands for, and the first of them. */
function members(nodes: unknown): readonly [count: number, first: Tree] | undefined {
  if (!Array.isArray(nodes) || !nodes.every(isTree) || nodes[0] === undefined) return undefined
  const count = nodes.reduce((sum, { count: times }) => sum + Number(times ?? 1), 0)
  return [count, nodes[0]]
}

function written(tree: Tree): Tiers | undefined {
  const pods = members(tree.pods)
  const racks = members(pods?.[1].racks)
  const boards = members(racks?.[1].boards)
  const chips = members(boards?.[1].chips)
  if (!pods || !racks || !boards || !chips) return undefined
  return {
    pods: pods[0],
    racks_per_pod: racks[0],
    boards_per_rack: boards[0],
    chips_per_board: chips[0],
  }
}

/** The topology of a text, in four sizes and links, or as a tree of nodes; undefined if it is none. */
export function topologyOf(json: string): WrittenTopology | undefined {
  const parsed = parseJsonObject(json)
  if (!parsed.ok) return undefined
  const tree: Tree = parsed.value
  const flat = Object.fromEntries(sizes.map((size) => [size, Number(tree[size])]))
  const shape = Array.isArray(tree.pods) ? written(tree) : (flat as unknown as Tiers)
  if (shape === undefined) return undefined
  const whole = sizes.every((size) => Number.isInteger(shape[size]) && shape[size] > 0)
  return whole ? { ...shape, links: linksOf(tree) } : undefined
}

/** The text of a topology, as a request may hold it. */
export function topologyText(topology: WrittenTopology): string {
  return JSON.stringify({ name: 'custom', ...topology }, null, 2)
}

/** The tiers that connect more than one member. */
export function usedTiers(topology: Tiers): LinkTier[] {
  const outwards = [...sizes].reverse()
  return linkTiers.filter((_, tier) => topology[outwards[tier] ?? 'pods'] > 1)
}
