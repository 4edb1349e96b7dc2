import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { chipsQuery, modelsQuery, topologiesQuery } from '@/api/catalogue'
import type { TopologySummary } from '@/api/types'
import { LoadFailed } from '@/components/PageStates'
import { TopologyFigure } from '@/components/topology/TopologyFigure'
import type { Formats } from '@/i18n/format'
import { useFormats } from '@/i18n/useFormats'
import { usePresetTitle } from '@/i18n/usePresetTitle'
import { chipFacts, type Fact, modelFacts, topologyFacts } from './facts'
import type { Section } from './formValues'
import { Facts } from './PresetFacts'
import { PresetField, type PresetOption } from './PresetField'
import { useFormValue } from './useFormValue'

interface Entry {
  name: string
  title: string
  source: string
  aliases?: string[]
}

function namesOf(entry: Entry): string[] {
  return [entry.name, ...(entry.aliases ?? [])].map((name) => name.toLowerCase())
}

function optionsOf<T extends Entry>(
  entries: readonly T[] | undefined,
  facts: (entry: T, formats: Formats) => Fact[],
  formats: Formats,
  title: (entry: T) => string,
): PresetOption[] {
  return (entries ?? []).map((entry) => ({
    value: entry.name,
    label: title(entry),
    detail: facts(entry, formats)
      .slice(0, 3)
      .map(({ value }) => value)
      .join(' · '),
    search: [title(entry), entry.title, entry.name, ...(entry.aliases ?? [])].join(' '),
    names: namesOf(entry),
  }))
}

function useTiers() {
  const { t } = useTranslation()
  return (topology: TopologySummary) =>
    t('form.tiers', {
      pods: topology.pods,
      racks: topology.racks_per_pod,
      boards: topology.boards_per_rack,
      chips: topology.chips_per_board,
    })
}

function useChosen<T extends Entry>(section: Section, entries: readonly T[] | undefined) {
  const name = useFormValue(section)?.preset
  return entries?.find((entry) => namesOf(entry).includes(name?.toLowerCase() ?? ''))
}

function useTopologyFacts() {
  const formats = useFormats()
  const tiers = useTiers()
  return (topology: TopologySummary) => (
    <>
      <Facts facts={topologyFacts(topology, formats)} note={tiers(topology)} />
      <TopologyFigure tiers={topology} />
    </>
  )
}

interface List {
  readonly error: Error | null
  readonly refetch: () => unknown
}

function Failed({ of }: { of: List }) {
  return of.error === null ? null : (
    <LoadFailed error={of.error} onRetry={() => void of.refetch()} />
  )
}

/** Which model. */
export function ModelField() {
  const formats = useFormats()
  const presetTitle = usePresetTitle()
  const models = useQuery(modelsQuery)
  const model = useChosen('model', models.data)
  return (
    <>
      <Failed of={models} />
      <PresetField
        section="model"
        options={optionsOf(models.data, modelFacts, formats, presetTitle)}
        loading={models.isPending}
        facts={model && <Facts facts={modelFacts(model, formats)} />}
        source={model?.source}
      />
    </>
  )
}

/** On which chips. */
export function ChipField() {
  const formats = useFormats()
  const presetTitle = usePresetTitle()
  const chips = useQuery(chipsQuery)
  const chip = useChosen('hardware', chips.data)
  return (
    <>
      <Failed of={chips} />
      <PresetField
        section="hardware"
        options={optionsOf(chips.data, chipFacts, formats, presetTitle)}
        loading={chips.isPending}
        facts={chip && <Facts facts={chipFacts(chip, formats)} />}
        source={chip?.source}
      />
    </>
  )
}

/** Connected how. */
export function TopologyField() {
  const { t } = useTranslation()
  const formats = useFormats()
  const presetTitle = usePresetTitle()
  const topologies = useQuery(topologiesQuery)
  const topology = useChosen('topology', topologies.data)
  const factsOf = useTopologyFacts()
  return (
    <>
      <Failed of={topologies} />
      <PresetField
        section="topology"
        options={optionsOf(topologies.data, topologyFacts, formats, presetTitle).map((option) => ({
          ...option,
          detail: t('form.chipsDetail', { chips: option.detail }),
        }))}
        loading={topologies.isPending}
        facts={topology && factsOf(topology)}
        source={topology?.source}
      />
    </>
  )
}
