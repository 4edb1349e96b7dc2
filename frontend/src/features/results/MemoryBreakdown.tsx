import { useTranslation } from 'react-i18next'
import type { Memory } from '@/api/types'
import { ChartFrame } from '@/charts/ChartFrame'
import { type Palette, usePalette } from '@/charts/palette'
import { ShareBar } from '@/charts/ShareBar'
import { type Column, numeric } from '@/components/columns'
import { DataTable } from '@/components/DataTable'
import { useFormats } from '@/i18n/useFormats'
import { useServiceNames } from '@/i18n/useServiceNames'

function partColor(palette: Palette, name: string): string {
  switch (name) {
    case 'weights':
      return palette.accent
    case 'kv_cache':
      return palette.memory
    case 'activations':
      return palette.communication
    case 'runtime':
      return palette.overhead
    default:
      return palette.waiting
  }
}

type Row = { name: string; gb: number }

function MemoryTable(props: { memory: Memory; title: string; name: (part: string) => string }) {
  const { memory, title, name } = props
  const { t } = useTranslation()
  const { figure, percent } = useFormats()
  const rows: Row[] = [
    ...memory.parts.map((part) => ({ name: name(part.name), gb: part.gb })),
    { name: t('result.total'), gb: memory.total_gb },
    { name: t('result.usable'), gb: memory.usable_gb },
    { name: t('result.capacity'), gb: memory.capacity_gb },
  ]
  const columns: readonly Column<Row>[] = [
    { key: 'part', title: t('result.part'), render: (row) => row.name },
    numeric('size', t('result.size'), ({ gb }) => figure(gb), { unit: 'GB' }),
    numeric('share', t('result.share'), ({ gb }) => percent(gb / memory.capacity_gb)),
  ]
  return <DataTable caption={title} columns={columns} rows={rows} rowKey={(row) => row.name} />
}

/** What the engine logs of its cache when it starts: tokens, requests at once, longest request. */
function useCacheSpace(cache: Memory['cache']): string | undefined {
  const { t } = useTranslation()
  const { figure, integer } = useFormats()
  if (cache == null) return undefined
  return t('result.cacheSpace', {
    tokens: integer(cache.tokens),
    requests: figure(cache.concurrency),
    length: integer(cache.request_tokens),
    longest: integer(cache.largest_context),
  })
}

/** What fills a chip's memory, drawn against its capacity. */
export function MemoryBreakdown(props: { memory: Memory; title: string }) {
  const { memory, title } = props
  const { t } = useTranslation()
  const formats = useFormats()
  const palette = usePalette()
  const names = useServiceNames()
  const hint = useCacheSpace(memory.cache)
  const whole = Math.max(memory.capacity_gb, memory.total_gb)
  return (
    <ChartFrame
      drawn="html"
      title={`${title}: ${formats.gb(memory.total_gb)} / ${formats.gb(memory.capacity_gb)}`}
      hint={hint}
      chart={
        <ShareBar
          label={title}
          shares={memory.parts.map(({ name, gb }) => ({
            key: name,
            label: names.memoryPart(name),
            value: gb,
            color: partColor(palette, name),
          }))}
          whole={whole}
          format={formats.gb}
          percent={formats.percent}
          marks={[
            {
              value: memory.usable_gb,
              label: t('result.usableLine', { value: formats.gb(memory.usable_gb) }),
            },
            {
              value: memory.capacity_gb,
              label: t('result.capacityLine', { value: formats.gb(memory.capacity_gb) }),
            },
          ]}
        />
      }
      table={<MemoryTable memory={memory} title={title} name={names.memoryPart} />}
    />
  )
}
