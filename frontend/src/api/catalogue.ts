import { httpGet } from '@/api/http'
import type {
  ChipSummary,
  ModelSummary,
  Preset,
  TopologySummary,
  WorkloadSummary,
} from '@/api/types'

export interface CatalogueKinds {
  models: ModelSummary
  chips: ChipSummary
  topologies: TopologySummary
  workloads: WorkloadSummary
}
export type CatalogueKind = keyof CatalogueKinds

export async function getCatalogue<K extends CatalogueKind>(
  kind: K,
  signal?: AbortSignal,
): Promise<CatalogueKinds[K][]> {
  const answer = await httpGet<Record<K, CatalogueKinds[K][]>>(`/api/catalogue/${kind}`, signal)
  return answer[kind]
}

export function getCatalogueEntry(
  kind: CatalogueKind,
  name: string,
  signal?: AbortSignal,
): Promise<Preset> {
  return httpGet(`/api/catalogue/${kind}/${encodeURIComponent(name)}`, signal)
}
