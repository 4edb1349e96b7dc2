import { useMutation } from '@tanstack/react-query'
import { Flex } from 'antd'
import type { MouseEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { fileAt } from '@/api/client'
import { type ExportFilter, exportAddress, reportAddress } from '@/api/exports'
import { tokenState } from '@/api/token'
import type { ExportedTable } from '@/api/types'
import { useNotices } from '@/components/Notices'
import { useLanguage } from '@/i18n/useFormats'

const formats = ['csv', 'json'] as const

async function save({ address, name }: { address: string; name: string }): Promise<void> {
  const file = await fileAt(address)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file.blob)
  link.download = file.name ?? name
  link.click()
  URL.revokeObjectURL(link.href)
}

/** A link to a file of the service; where a token is needed, which no link carries, it is fetched. */
export function FileLink(props: {
  address: string
  name: string
  label: string
  children: string
}) {
  const { address, name, label, children } = props
  const { t } = useTranslation()
  const message = useNotices()
  const saving = useMutation({
    mutationFn: save,
    onError: ({ message: reason }) => message.error(t('exports.failed', { reason })),
  })
  const follow = (event: MouseEvent) => {
    if (tokenState().token === null) return
    event.preventDefault()
    saving.mutate({ address, name })
  }
  return (
    <a href={address} download={name} aria-label={label} onClick={follow}>
      {children}
    </a>
  )
}

/** "Export results CSV JSON", of what the filter leaves. */
export function ExportLinks(props: { table: ExportedTable; filter?: ExportFilter }) {
  const { table, filter = {} } = props
  const { t } = useTranslation()
  const what = t(`exports.label_${table}`)
  return (
    <Flex component="span" wrap gap="4px 8px">
      <span className="muted">{what}</span>
      {formats.map((format) => (
        <FileLink
          key={format}
          address={exportAddress(table, format, filter)}
          name={`${table}.${format}`}
          label={t('exports.named', { what, format: format.toUpperCase() })}
        >
          {format.toUpperCase()}
        </FileLink>
      ))}
    </Flex>
  )
}

/** A result as one file to hand on or to print. */
export function ReportLink({ taskId }: { taskId: string }) {
  const { t } = useTranslation()
  const language = useLanguage()
  return (
    <FileLink
      address={reportAddress(taskId, language)}
      name={`tier6-report-${taskId}.html`}
      label={t('exports.reportHint')}
    >
      {t('exports.report')}
    </FileLink>
  )
}
