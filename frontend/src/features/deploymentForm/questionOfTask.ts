import type { QueryClient } from '@tanstack/react-query'
import { chipsQuery, getCatalogueEntry, modelsQuery, topologiesQuery } from '@/api/catalogue'
import { resultsQuery } from '@/api/queries'
import { covers, valuesAsked } from './asked'
import type { FormValues } from './formValues'

type Kind = Parameters<typeof getCatalogueEntry>[0]

const parts = {
  model: { kind: 'models', list: modelsQuery },
  hardware: { kind: 'chips', list: chipsQuery },
  topology: { kind: 'topologies', list: topologiesQuery },
  decode_hardware: { kind: 'chips', list: chipsQuery },
} as const satisfies Record<string, { kind: Kind; list: object }>

/** The name of the preset that a part of a request is, if it is one as it stands today. */
async function presetOf(
  client: QueryClient,
  part: keyof typeof parts,
  evaluated: unknown,
): Promise<string | undefined> {
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
  return covers(evaluated, spec) ? entry.name : undefined
}

/** The question of a task as the form holds it. */
export async function questionOfTask(client: QueryClient, taskId: string): Promise<FormValues> {
  const { request, experiment_name } = await client.fetchQuery(resultsQuery(taskId))
  const names = ['model', 'hardware', 'topology', 'decode_hardware'] as const
  const found = await Promise.all(names.map((part) => presetOf(client, part, request[part])))
  const presets = Object.fromEntries(
    names.flatMap((part, index) => (found[index] === undefined ? [] : [[part, found[index]]])),
  )
  return valuesAsked({ request, experiment_name, presets })
}
