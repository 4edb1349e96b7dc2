import { useMutation } from '@tanstack/react-query'
import type { MouseEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { apiOrigin } from '@/api/address'
import { exportPath } from '@/api/exports'
import { httpFile } from '@/api/http'
import type { TaskFilter } from '@/api/tasks'
import { tokenState } from '@/api/token'
import type { ExportedTable } from '@/api/types'
import { useNotices } from '@/components/Notices'
import { reasonOf } from '@/hooks/useTaskActions'

const formats = ['csv', 'json'] as const

async function save({ path, name }: { path: string; name: string }): Promise<void> {
  const file = await httpFile(path)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file.blob)
  link.download = file.name ?? name
  link.click()
  URL.revokeObjectURL(link.href)
}

/** A link to a file of the service; where a token is needed, which no link carries, it is fetched. */
export function FileLink(props: { path: string; name: string; label: string; children: string }) {
  const { path, name, label, children } = props
  const { t } = useTranslation()
  const message = useNotices()
  const saving = useMutation({
    mutationFn: save,
    onError: (error) => message.error(t('exports.failed', { reason: reasonOf(error) })),
  })
  const follow = (event: MouseEvent) => {
    if (tokenState().token === null) return
    event.preventDefault()
    saving.mutate({ path, name })
  }
  return (
    <a href={apiOrigin + path} download={name} aria-label={label} onClick={follow}>
      {children}
    </a>
  )
}

/** "Export results CSV JSON", of what the filter leaves. */
export function ExportLinks(props: { table: ExportedTable; filter?: TaskFilter }) {
  const { table, filter = {} } = props
  const { t } = useTranslation()
  const what = t(`exports.label_${table}`)
  return (
    <span className="exports">
      <span className="muted">{what}</span>
      {formats.map((format) => (
        <FileLink
          key={format}
          path={exportPath(table, format, filter)}
          name={`${table}.${format}`}
          label={t('exports.named', { what, format: format.toUpperCase() })}
        >
          {format.toUpperCase()}
        </FileLink>
      ))}
    </span>
  )
}
