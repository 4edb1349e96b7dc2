import type { SearchStats } from '@/api/types'

/** One rule: how many combinations it makes illegal, and how many each engine refuses by it. */
export interface IllegalRow {
  rule: string
  counted: number | undefined
  refused: Readonly<Record<string, number>>
}

/** The rules of a search, those that most combinations break first; none of older results. */
export function illegalRows(stats: SearchStats): readonly IllegalRow[] {
  const byEngine = Object.entries(stats.refused_by_engine ?? {})
  const rules = new Set(
    [stats.illegal_reasons, ...byEngine.map(([, counts]) => counts)].flatMap((counts) =>
      Object.keys(counts ?? {}),
    ),
  )
  return [...rules]
    .map((rule) => ({
      rule,
      counted: stats.illegal_reasons?.[rule],
      refused: Object.fromEntries(
        byEngine.flatMap(([engine, counts]) => {
          const number = counts[rule]
          return number === undefined ? [] : [[engine, number] as const]
        }),
      ),
    }))
    .toSorted((a, b) => most(b) - most(a))
}

const most = ({ counted = 0, refused }: IllegalRow) => Math.max(counted, ...Object.values(refused))
