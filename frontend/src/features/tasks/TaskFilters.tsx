import { Checkbox, Flex, Input, Select } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { taskSortValues, taskStateValues } from '@/api/schema.gen'
import { type HistorySearch, sinceValues } from '@/searchParams'
import { dayText } from './since'

interface TaskFiltersProps {
  search: HistorySearch
  onSearch: (change: Partial<HistorySearch>) => void
}

/** Not every key asks the service. */
const settleMs = 300

function StatusChoice({ search, onSearch }: TaskFiltersProps) {
  const { t } = useTranslation()
  return (
    <Checkbox.Group
      role="group"
      aria-label={t('task.filter')}
      value={search.status ?? []}
      onChange={(status) => onSearch({ status: status.length === 0 ? undefined : status })}
      options={taskStateValues.map((value) => ({ value, label: t(`task.status_${value}`) }))}
    />
  )
}

/** What is typed is shown at once and asked for after a moment; a change of the address wins. */
function TextFilter(props: { text: string; onText: (text: string) => void }) {
  const { text, onText } = props
  const { t } = useTranslation()
  const [typed, setTyped] = useState(text)
  const [known, setKnown] = useState(text)
  const [sent, setSent] = useState(text)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  if (text !== known) {
    setKnown(text)
    if (text !== sent) setTyped(text)
  }
  const type = (next: string) => {
    setTyped(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      setSent(next)
      onText(next)
    }, settleMs)
  }
  return (
    <Input
      type="search"
      size="small"
      allowClear
      className="task-search"
      aria-label={t('batch.search')}
      aria-keyshortcuts="/"
      placeholder={t('batch.search')}
      title={t('batch.searchHint')}
      value={typed}
      onChange={({ target }) => type(target.value)}
    />
  )
}

function SinceChoice({ search, onSearch }: TaskFiltersProps) {
  const { t } = useTranslation()
  const values = ['ever', ...sinceValues, 'range'] as const
  const { from, to } = search
  const isRange = search.since === undefined && (from !== undefined || to !== undefined)
  const choose = (chosen: (typeof values)[number]) => {
    if (chosen === 'range') onSearch({ since: undefined, from: dayText(new Date()) })
    else onSearch({ since: chosen === 'ever' ? undefined : chosen, from: undefined, to: undefined })
  }
  const since = (
    <Select<(typeof values)[number]>
      size="small"
      aria-label={t('task.since')}
      popupMatchSelectWidth={false}
      value={search.since ?? (isRange ? 'range' : 'ever')}
      onChange={choose}
      options={values.map((value) => ({ value, label: t(`task.since_${value}`) }))}
    />
  )
  if (!isRange) return since
  return (
    <Flex wrap align="center" gap={6}>
      {since}
      <DayInput
        label={t('task.fromDay')}
        day={from}
        onDay={(day) => onSearch({ from: day })}
        {...(to === undefined ? {} : { max: to })}
      />
      <span aria-hidden="true">–</span>
      <DayInput
        label={t('task.toDay')}
        day={to}
        onDay={(day) => onSearch({ to: day })}
        {...(from === undefined ? {} : { min: from })}
      />
    </Flex>
  )
}

interface DayInputProps {
  label: string
  day: string | undefined
  onDay: (day: string | undefined) => void
  min?: string
  max?: string
}

function DayInput({ label, day, onDay, ...bounds }: DayInputProps) {
  return (
    <Input
      type="date"
      size="small"
      className="day-input"
      aria-label={label}
      title={label}
      value={day ?? ''}
      onChange={({ target }) => onDay(target.value || undefined)}
      {...bounds}
    />
  )
}

function SortChoice({ search, onSearch }: TaskFiltersProps) {
  const { t } = useTranslation()
  return (
    <Flex align="center" gap={6}>
      <label htmlFor="task-sort">{t('batch.sort')}</label>
      <Select
        id="task-sort"
        size="small"
        popupMatchSelectWidth={false}
        value={search.by ?? 'created_at'}
        onChange={(by) => onSearch({ by: by === 'created_at' ? undefined : by })}
        options={taskSortValues.map((value) => ({ value, label: t(`batch.sort_${value}`) }))}
      />
      <Checkbox
        checked={search.ascending === true}
        onChange={({ target }) => onSearch({ ascending: target.checked || undefined })}
      >
        {t('batch.ascending')}
      </Checkbox>
    </Flex>
  )
}

/** Status, words and order of the history; all of it is in the address. */
export function TaskFilters(props: TaskFiltersProps) {
  const { t } = useTranslation()
  return (
    <Flex component="search" wrap align="center" gap="6px 12px" aria-label={t('batch.search')}>
      <TextFilter
        text={props.search.text ?? ''}
        onText={(text) => props.onSearch({ text: text || undefined })}
      />
      <SinceChoice {...props} />
      <StatusChoice {...props} />
      <SortChoice {...props} />
    </Flex>
  )
}
