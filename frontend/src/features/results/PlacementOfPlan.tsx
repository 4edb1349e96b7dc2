import { Segmented } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Explanation } from '@/api/explain'
import { ChartFrame } from '@/charts/ChartFrame'
import { type Column, DataTable, numeric } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import './explained.css'

type Ranks = Explanation['ranks'][number]
const groups = ['dp', 'tp', 'pp', 'sp', 'ep', 'moe_tp', 'instance'] as const
type Group = (typeof groups)[number]

/** A colour for each index of a group, as far apart as they can be. */
function colorOf(index: number, of: number): string {
  return `hsl(${Math.round((360 * index) / Math.max(1, of))} 55% 52%)`
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
                  title={groups.map((each) => `${each} ${ranks[each][index]}`).join(', ')}
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

function PlacementOfPart({ ranks }: { ranks: Ranks }) {
  const { t } = useTranslation()
  const { integer } = useFormats()
  const possible = telling(ranks)
  const [chosen, setChosen] = useState<Group>()
  const group = chosen ?? possible[0] ?? 'dp'
  const title =
    ranks.part === 'all'
      ? t('workspace.tab_placement')
      : `${t('workspace.tab_placement')}: ${t(`result.pool_${ranks.part}`)}`
  return (
    <ChartFrame
      drawn="html"
      title={title}
      hint={t('workspace.placementHint', {
        shown: integer(ranks.chip.length),
        total: integer(ranks.ranks),
      })}
      tools={
        possible.length > 1 && (
          <Segmented<Group>
            size="small"
            aria-label={t('workspace.colouredBy')}
            value={group}
            onChange={setChosen}
            options={possible.map((value) => ({ value, label: value }))}
          />
        )
      }
      chart={<ChipMap ranks={ranks} group={group} label={`${title}, ${group}`} />}
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
        <PlacementOfPart key={ranks.part} ranks={ranks} />
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
