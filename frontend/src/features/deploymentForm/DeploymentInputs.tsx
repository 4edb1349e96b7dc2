import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { chipsQuery, modelsQuery, topologiesQuery } from '@/api/catalogue'
import type { TopologySummary } from '@/api/types'
import { LoadFailed } from '@/components/PageStates'
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

/** Which model, on which chips, connected how. */
export function DeploymentInputs() {
  const formats = useFormats()
  const presetTitle = usePresetTitle()
  const tiers = useTiers()
  const { t } = useTranslation()
  const models = useQuery(modelsQuery)
  const chips = useQuery(chipsQuery)
  const topologies = useQuery(topologiesQuery)
  const model = useChosen('model', models.data)
  const chip = useChosen('hardware', chips.data)
  const topology = useChosen('topology', topologies.data)
  const failed = [models, chips, topologies].find(({ isError }) => isError)

  return (
    <fieldset className="group">
      <legend>{t('form.what')}</legend>
      {failed?.error != null && (
        <LoadFailed error={failed.error} onRetry={() => void failed.refetch()} />
      )}
      <PresetField
        section="model"
        options={optionsOf(models.data, modelFacts, formats, presetTitle)}
        loading={models.isPending}
        facts={model && <Facts facts={modelFacts(model, formats)} />}
        source={model?.source}
      />
      <PresetField
        section="hardware"
        options={optionsOf(chips.data, chipFacts, formats, presetTitle)}
        loading={chips.isPending}
        facts={chip && <Facts facts={chipFacts(chip, formats)} />}
        source={chip?.source}
      />
      <PresetField
        section="topology"
        options={optionsOf(topologies.data, topologyFacts, formats, presetTitle).map((option) => ({
          ...option,
          detail: t('form.chipsDetail', { chips: option.detail }),
        }))}
        loading={topologies.isPending}
        facts={
          topology && <Facts facts={topologyFacts(topology, formats)} note={tiers(topology)} />
        }
        source={topology?.source}
      />
    </fieldset>
  )
}
