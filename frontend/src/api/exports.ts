import { type TaskFilter, taskQueryString } from '@/api/tasks'
import type { ExportedTable, ExportFormat } from '@/api/types'

const base = '/api/evaluation'

/** Everything that the filter leaves, whatever page of a list is shown. */
export function exportPath(
  table: ExportedTable,
  format: ExportFormat,
  { sort: _sort, order: _order, limit: _limit, cursor: _cursor, ...filter }: TaskFilter = {},
): string {
  const query = taskQueryString(filter)
  return `${base}/export/${table}${query === '' ? '?' : `${query}&`}format=${format}`
}

/** An experiment as one file that another service can import. */
export function experimentArchivePath(id: number): string {
  return `${base}/experiments/${id}/export`
}
