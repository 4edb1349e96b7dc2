import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TaskState } from '@/api/types'
import { type HistorySearch, taskSorts, taskStates } from '@/searchParams'

interface TaskFiltersProps {
  search: HistorySearch
  onSearch: (change: Partial<HistorySearch>) => void
}

/** Not every key asks the service. */
const settleMs = 300

function StatusChoice({ search, onSearch }: TaskFiltersProps) {
  const { t } = useTranslation()
  const chosen = search.status ?? []
  const toggle = (state: TaskState) => {
    const next = taskStates.filter((one) => (one === state) !== chosen.includes(one))
    onSearch({ status: next.length === 0 ? undefined : next })
  }
  return (
    <fieldset className="choices">
      <legend className="visually-hidden">{t('task.filter')}</legend>
      {taskStates.map((state) => (
        <label key={state} className="choice">
          <input type="checkbox" checked={chosen.includes(state)} onChange={() => toggle(state)} />
          {t(`task.status_${state}`)}
        </label>
      ))}
    </fieldset>
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
    <input
      type="search"
      className="text-filter"
      aria-label={t('batch.search')}
      placeholder={t('batch.search')}
      title={t('batch.searchHint')}
      value={typed}
      onChange={({ target }) => type(target.value)}
    />
  )
}

function SortChoice({ search, onSearch }: TaskFiltersProps) {
  const { t } = useTranslation()
  const by = search.by ?? 'created_at'
  const choose = (value: string) => {
    const next = taskSorts.find((sort) => sort === value)
    onSearch({ by: next === 'created_at' ? undefined : next })
  }
  return (
    <>
      <label className="inline-field">
        <span>{t('batch.sort')}</span>
        <select value={by} onChange={({ target }) => choose(target.value)}>
          {taskSorts.map((sort) => (
            <option key={sort} value={sort}>
              {t(`batch.sort_${sort}`)}
            </option>
          ))}
        </select>
      </label>
      <label className="inline-field">
        <input
          type="checkbox"
          checked={search.ascending === true}
          onChange={({ target }) => onSearch({ ascending: target.checked || undefined })}
        />
        <span>{t('batch.ascending')}</span>
      </label>
    </>
  )
}

/** Status, words and order of the history; all of it is in the address. */
export function TaskFilters(props: TaskFiltersProps) {
  const { t } = useTranslation()
  return (
    <search className="filters" aria-label={t('batch.search')}>
      <TextFilter
        text={props.search.text ?? ''}
        onText={(text) => props.onSearch({ text: text || undefined })}
      />
      <StatusChoice {...props} />
      <SortChoice {...props} />
    </search>
  )
}
