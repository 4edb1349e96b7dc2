import { Segmented } from 'antd'
import { type ReactNode, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Explanation } from '@/api/explain'
import { ChartFrame } from '@/charts/ChartFrame'
import { endOf } from '@/charts/loadScale'
import { usePalette } from '@/charts/palette'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { InSpace } from '@/components/topology/InSpace'
import type { LinkTier, Tiers } from '@/components/topology/space'
import { type View, ViewChoice } from '@/components/topology/ViewChoice'
import { useFormats } from '@/i18n/useFormats'
import { LinksInPlane, LoadLegend, linkTiersOf, loadsOf, useLinkColors } from './LinkLoads'
import { TierTable } from './TierTable'
import './explained.css'

type Ranks = Explanation['ranks'][number]
const groups = ['dp', 'tp', 'pp', 'sp', 'ep', 'moe_tp', 'dcp', 'instance'] as const
type Group = (typeof groups)[number]

/** A colour for each index of a group, as far apart as they can be. */
function colorOf(index: number, of: number): string {
  return `hsl(${Math.round((360 * index) / Math.max(1, of))}, 55%, 52%)`
}

/** "dp 0, tp 3": which rank of each group a chip is. */
function rankName(ranks: Ranks, index: number): string {
  return groups.map((group) => `${group} ${ranks[group][index]}`).join(', ')
}

/** Groups that tell ranks apart: where all have the same index there is nothing to see. */
function telling(ranks: Ranks): readonly Group[] {
  return groups.filter((group) => new Set(ranks[group]).size > 1)
}

/** The ranks of one board beside each other, boards of a rack beneath each other. */
function racksOf({ pod, rack, board }: Ranks): readonly (readonly (readonly number[])[])[] {
  const racks = new Map<string, Map<number, number[]>>()
  board.forEach((each, index) => {
    const boards = racks.get(`${pod[index]} ${rack[index]}`) ?? new Map<number, number[]>()
    racks.set(`${pod[index]} ${rack[index]}`, boards)
    boards.set(each, [...(boards.get(each) ?? []), index])
  })
  return [...racks.values()].map((boards) => [...boards.values()])
}

function ChipMap({ ranks, group, label }: { ranks: Ranks; group: Group; label: string }) {
  const most = Math.max(...ranks[group]) + 1
  return (
    <div className="chip-map" role="img" aria-label={label}>
      {racksOf(ranks).map((boards) => (
        <div key={String(boards[0]?.[0])} className="rack">
          {boards.map((indices) => (
            <div key={String(indices[0])} className="board">
              {indices.map((index) => (
                <span
                  key={index}
                  style={{ background: colorOf(ranks[group][index] ?? 0, most) }}
                  title={rankName(ranks, index)}
                >
                  {ranks[group][index]}
                </span>
              ))}
            </div>
          ))}
        </div>
      ))}
    </div>
  )
}

function RankTable({ ranks, title }: { ranks: Ranks; title: string }) {
  const { integer } = useFormats()
  const rows = ranks.chip.map((_, index) => index)
  const columns: readonly Column<number>[] = (
    ['pod', 'rack', 'board', 'chip', ...groups] as const
  ).map((name) => numeric(name, name, (index: number) => integer(ranks[name][index] ?? 0)))
  return <DataTable tall caption={title} columns={columns} rows={rows} rowKey={String} />
}

/** The part of the cluster that the ranks reach into. */
function tiersOf({ pod, rack, board, chip }: Ranks): Tiers {
  const members = (indices: readonly number[]) => Math.max(...indices) + 1
  return {
    pods: members(pod),
    racks_per_pod: members(rack),
    boards_per_rack: members(board),
    chips_per_board: members(chip),
  }
}

interface RanksInSpaceProps {
  ranks: Ranks
  /** Undefined where links are coloured and not chips. */
  group: Group | undefined
  linkColors?: Readonly<Record<LinkTier, string>>
  label: string
}

/** The ranks in space, each in its colour; the one pointed at is named. */
function RanksInSpace({ ranks, group, linkColors, label }: RanksInSpaceProps) {
  const { t } = useTranslation()
  const { overhead } = usePalette()
  const [pointed, setPointed] = useState<number>()
  const tiers = useMemo(() => tiersOf(ranks), [ranks])
  const places = useMemo(
    () =>
      ranks.chip.map((chip, index) => ({
        rack: (ranks.pod[index] ?? 0) * tiers.racks_per_pod + (ranks.rack[index] ?? 0),
        board: ranks.board[index] ?? 0,
        chip,
      })),
    [ranks, tiers],
  )
  const colors = useMemo(() => {
    if (group === undefined) return ranks.chip.map(() => overhead)
    const most = Math.max(...ranks[group]) + 1
    return ranks[group].map((index) => colorOf(index, most))
  }, [ranks, group, overhead])
  return (
    <>
      <InSpace
        tiers={tiers}
        places={places}
        colors={colors}
        linkColors={linkColors}
        label={label}
        onPoint={setPointed}
      />
      <p className="hint">
        {pointed === undefined ? t('topology.turn') : rankName(ranks, pointed)}
      </p>
    </>
  )
}

type PartProps = { ranks: Ranks; explanation: Explanation }

/** The links of a part in the colour of their load. */
function LoadOfPart(props: PartProps & { view: View; tools: ReactNode; title: string }) {
  const { ranks, explanation, view, tools, title } = props
  const { t } = useTranslation()
  const phases = explanation.phases
    .map(({ phase }) => phase)
    .filter((phase) => ranks.part === 'all' || phase === ranks.part)
  const [chosen, setChosen] = useState<(typeof phases)[number]>()
  const phase = chosen ?? phases.at(-1) ?? 'decode'
  const loads = useMemo(() => loadsOf(explanation, phase), [explanation, phase])
  // One scale for all phases, so that they compare.
  const end = useMemo(
    () => endOf(phases.flatMap((one) => Object.values(loadsOf(explanation, one)))),
    [explanation, phases],
  )
  const colors = useLinkColors(loads, end)
  const tiers = useMemo(() => linkTiersOf(ranks), [ranks])
  const label = `${title}, ${t('topology.coloured_load')}, ${t(`result.${phase}`)}`
  return (
    <ChartFrame
      drawn={view === 'plane' ? 'html' : 'canvas'}
      title={title}
      hint={t('topology.loadHint')}
      tools={
        <>
          {tools}
          {phases.length > 1 && (
            <Segmented
              size="small"
              aria-label={t('workspace.phase')}
              value={phase}
              onChange={setChosen}
              options={phases.map((value) => ({ value, label: t(`topology.phase_${value}`) }))}
            />
          )}
        </>
      }
      chart={
        <>
          {view === 'plane' ? (
            <LinksInPlane
              ranks={ranks}
              colors={colors}
              label={label}
              nameOf={(index) => rankName(ranks, index)}
            />
          ) : (
            <RanksInSpace ranks={ranks} group={undefined} linkColors={colors} label={label} />
          )}
          <LoadLegend loads={loads} end={end} colors={colors} tiers={tiers} />
        </>
      }
      table={<TierTable tiers={explanation.traffic.tiers} phases={explanation.phases} />}
    />
  )
}

function PlacementOfPart({ ranks, explanation }: PartProps) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const possible = telling(ranks)
  const [chosen, setChosen] = useState<Group | 'load'>()
  const [view, setView] = useState<View>('plane')
  const group = chosen ?? possible[0] ?? 'dp'
  const ways = explanation.traffic.tiers.length > 0 ? ([...possible, 'load'] as const) : possible
  const title =
    ranks.part === 'all'
      ? t('workspace.tab_placement')
      : `${t('workspace.tab_placement')}: ${t(`result.pool_${ranks.part}`)}`
  const tools = (
    <>
      {ways.length > 1 && (
        <Segmented<Group | 'load'>
          size="small"
          aria-label={t('workspace.colouredBy')}
          value={group}
          onChange={setChosen}
          options={ways.map((value) => ({
            value,
            label:
              value === 'instance' || value === 'load'
                ? t(`topology.${value}`)
                : value.toUpperCase(),
            title: t(`topology.coloured_${value}`),
          }))}
        />
      )}
      <ViewChoice view={view} onView={setView} />
    </>
  )
  if (group === 'load') {
    return (
      <LoadOfPart ranks={ranks} explanation={explanation} view={view} tools={tools} title={title} />
    )
  }
  const label = `${title}, ${t(`topology.coloured_${group}`)}`
  const Drawing = view === 'plane' ? ChipMap : RanksInSpace
  return (
    <ChartFrame
      drawn={view === 'plane' ? 'html' : 'canvas'}
      title={title}
      hint={t('workspace.placementHint', {
        shown: integer(ranks.chip.length),
        total: integer(ranks.ranks),
      })}
      tools={tools}
      chart={<Drawing ranks={ranks} group={group} label={label} />}
      table={<RankTable ranks={ranks} title={title} />}
    />
  )
}

/** Which rank runs on which chip, and how far apart the ranks of each group sit. */
export function PlacementOfPlan({ explanation }: { explanation: Explanation }) {
  const { t } = useTranslation()
  const { integer, figure } = useFormats()
  type Reach = Explanation['groups'][number]
  const columns: readonly Column<Reach>[] = [
    {
      key: 'group',
      title: t('workspace.group'),
      render: ({ group }) => group.replaceAll('_', ' '),
    },
    numeric('ranks', t('workspace.ranks'), ({ ranks }) => integer(ranks)),
    numeric('stride', t('workspace.stride'), ({ stride }) => integer(stride)),
    {
      key: 'members',
      title: t('workspace.meets'),
      render: ({ members }) =>
        Object.entries(members)
          .map(([tier, count]) => `${tier} ${figure(count)}`)
          .join(', '),
    },
  ]
  return (
    <>
      {explanation.ranks.map((ranks) => (
        <PlacementOfPart key={ranks.part} ranks={ranks} explanation={explanation} />
      ))}
      <DataTable
        caption={t('workspace.groups')}
        columns={columns}
        rows={explanation.groups}
        rowKey={({ part, group }) => `${part} ${group}`}
      />
    </>
  )
}
