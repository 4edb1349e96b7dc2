import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Explanation } from '@/api/explain'
import { idleColor, loadColor } from '@/charts/loadScale'
import { usePalette } from '@/charts/palette'
import type { LinkTier } from '@/components/topology/space'
import { useFormats } from '@/i18n/useFormats'
import { chip, linkMap } from './linkMap'
import { loadOf, useTierName } from './TierTable'

/** Tiers that connect any of the ranks. */
export function linkTiersOf(ranks: Explanation['ranks'][number]): readonly LinkTier[] {
  return linkMap(ranks, room).links.map(({ tier }) => tier)
}

const room = 540

type Loads = Readonly<Record<LinkTier, number>>

/** Which share of a phase the links of each tier are busy; those that carry nothing are never. */
export function loadsOf(
  { traffic, phases }: Pick<Explanation, 'traffic' | 'phases'>,
  phase: string,
): Loads {
  const load = (tier: LinkTier) => {
    const found = traffic.tiers.find((one) => one.phase === phase && one.tier === tier)
    return found === undefined ? 0 : loadOf(found, phases)
  }
  return { c2c: load('c2c'), b2b: load('b2b'), r2r: load('r2r'), p2p: load('p2p') }
}

/** The colour of each tier's links. */
export function useLinkColors(loads: Loads, end: number): Readonly<Record<LinkTier, string>> {
  const palette = usePalette()
  return useMemo(() => {
    const color = (tier: LinkTier) => loadColor(loads[tier], end, palette)
    return { c2c: color('c2c'), b2b: color('b2b'), r2r: color('r2r'), p2p: color('p2p') }
  }, [loads, end, palette])
}

interface LinksInPlaneProps {
  ranks: Explanation['ranks'][number]
  colors: Readonly<Record<LinkTier, string>>
  label: string
  /** What a rank is called. */
  nameOf: (index: number) => string
}

/** Chips, boards and racks with the links between them, each in the colour of its load. */
export function LinksInPlane({ ranks, colors, label, nameOf }: LinksInPlaneProps) {
  const { width, height, boxes, chips, links } = useMemo(() => linkMap(ranks, room), [ranks])
  return (
    // Only a stop of its own lets the keyboard scroll it.
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls, a section a landmark
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <div className="link-map" role="group" aria-label={label} tabIndex={0}>
      <svg width={width} height={height} role="img" aria-label={label}>
        {boxes.toReversed().map(({ kind, ...box }) => (
          <rect key={`${box.x} ${box.y}`} className={kind} {...box} rx={3} />
        ))}
        {links.map(({ tier, path }) => (
          <path key={tier} data-tier={tier} d={path} fill="none" stroke={colors[tier]} />
        ))}
        {chips.map(({ index, x, y }) => (
          <rect key={index} className="chip" x={x} y={y} {...chip} rx={1.5}>
            <title>{nameOf(index)}</title>
          </rect>
        ))}
      </svg>
    </div>
  )
}

/** What the colours of links stand for: the scale, and the load of each tier in figures. */
export function LoadLegend(props: {
  loads: Loads
  end: number
  colors: Readonly<Record<LinkTier, string>>
  tiers: readonly LinkTier[]
}) {
  const { loads, end, colors, tiers } = props
  const { t } = useTranslation()
  const { percent } = useFormats()
  const palette = usePalette()
  const name = useTierName()
  return (
    <div className="load-legend">
      <p>
        {percent(0)}
        <span
          aria-hidden="true"
          style={{
            background: `linear-gradient(to right, ${idleColor(palette)}, ${palette.communication})`,
          }}
        />
        {percent(end)} <span className="muted">{t('topology.loadUnit')}</span>
      </p>
      <ul>
        {tiers.map((tier) => (
          <li key={tier}>
            <i aria-hidden="true" style={{ background: colors[tier] }} />
            {name(tier)} <b className="number">{percent(loads[tier])}</b>
          </li>
        ))}
      </ul>
    </div>
  )
}
