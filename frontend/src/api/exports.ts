import { serviceAddress } from '@/api/address'
import { queryString } from '@/api/client'
import type { paths } from '@/api/schema.gen'
import type { ExportedTable, ExportFormat } from '@/api/types'
import type { Language } from '@/i18n/language'

type ExportQuery = NonNullable<
  paths['/api/evaluation/export/{table}']['get']['parameters']['query']
>
export type ExportFilter = Omit<ExportQuery, 'format'>

const base = `${serviceAddress}/api/evaluation`

/** Everything that the filter leaves, whatever page of a list is shown. */
export function exportAddress(
  table: ExportedTable,
  format: ExportFormat,
  filter: ExportFilter = {},
): string {
  return `${base}/export/${table}?${queryString({ ...filter, format })}`
}

/** An experiment as one file that another service can import. */
export function experimentArchiveAddress(id: number): string {
  return `${base}/experiments/${id}/export`
}

/** A result as one HTML file that opens anywhere. */
export function reportAddress(taskId: string, language: Language): string {
  const query = queryString({ language })
  return `${base}/tasks/${encodeURIComponent(taskId)}/report?${query}`
}

/** Every feasible point of a finished task, a line for each. */
export function pointsCsvAddress(taskId: string): string {
  return `${base}/tasks/${encodeURIComponent(taskId)}/points/csv`
}
