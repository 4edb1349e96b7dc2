import type { QueryClient } from '@tanstack/react-query'
import { chipsQuery, getCatalogueEntry, modelsQuery, topologiesQuery } from '@/api/catalogue'
import { resultsQuery } from '@/api/queries'
import { changedOf, covers, valuesAsked } from './asked'
import { type FormValues, sections } from './formValues'

type Kind = Parameters<typeof getCatalogueEntry>[0]

const parts = {
  model: { kind: 'models', list: modelsQuery },
  hardware: { kind: 'chips', list: chipsQuery },
  topology: { kind: 'topologies', list: topologiesQuery },
  decode_hardware: { kind: 'chips', list: chipsQuery },
} as const satisfies Record<string, { kind: Kind; list: object }>

type PartName = keyof typeof parts

/** The preset that a part of a request has its name from, as it stands today. */
async function presetOf(client: QueryClient, part: PartName, evaluated: unknown) {
  const name: unknown =
    typeof evaluated === 'object' && evaluated !== null && 'name' in evaluated ? evaluated.name : ''
  const { kind, list } = parts[part]
  const entries: readonly { name: string }[] = await client.fetchQuery(list as typeof chipsQuery)
  const entry = entries.find((one) => one.name === name)
  if (entry === undefined) return undefined
  const { spec } = await client.fetchQuery({
    queryKey: ['catalogue', kind, entry.name],
    queryFn: () => getCatalogueEntry(kind, entry.name),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return { name: entry.name, spec }
}

/** What was evaluated as the form holds it: presets by name where nothing of them was changed. */
export async function questionOf(
  client: QueryClient,
  request: Record<string, unknown>,
  experiment_name: string,
): Promise<FormValues> {
  const names = [...sections, 'decode_hardware'] as const
  const found = await Promise.all(names.map((part) => presetOf(client, part, request[part])))
  const named = names.flatMap((part, index) => {
    const preset = found[index]
    return preset === undefined ? [] : [{ part, ...preset }]
  })
  const isWhole = ({ part, spec }: (typeof named)[number]) => covers(request[part], spec)
  const presets = Object.fromEntries(named.filter(isWhole).map(({ part, name }) => [part, name]))
  const changed = Object.fromEntries(
    named
      .filter((each) => !isWhole(each))
      .map(({ part, name, spec }) => [part, changedOf(request[part], name, spec)]),
  )
  return valuesAsked({ request, experiment_name, presets, changed })
}

/** The question of a task as the form holds it. */
export async function questionOfTask(client: QueryClient, taskId: string): Promise<FormValues> {
  const { request, experiment_name } = await client.fetchQuery(resultsQuery(taskId))
  return questionOf(client, request, experiment_name)
}
