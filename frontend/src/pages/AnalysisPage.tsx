import { CloseOutlined } from '@ant-design/icons'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PageLoading } from '@/components/PageStates'
import { planTitle } from '@/features/results/planText'
import { useIsWorking } from '@/features/tasks/useLiveTasks'
import { type AnalysisSearch, isChoice } from '@/searchParams'
import { ConfigPanel } from './ConfigPanel'
import { draftIn, draftParameter, keepUnsaved, takeUnsaved } from './draftAddress'
import { useAskAnew } from './useAskAnew'

const route = getRouteApi('/')

// The form is there at once; the result and its tables come with the first result asked for.
const ResultView = lazy(async () => ({
  default: (await import('@/features/results/ResultView')).ResultView,
}))

function ResultTools(props: { taskId: string; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <>
      <Link to="/results/$taskId" params={{ taskId: props.taskId }}>
        {t('result.open')}
      </Link>
      <Button
        size="small"
        type="text"
        icon={<CloseOutlined />}
        aria-label={t('result.close')}
        title={t('result.close')}
        onClick={props.onClose}
      />
    </>
  )
}

/** The question, the tasks, and the result of the task in the address. */
export function AnalysisPage() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = (change: Partial<AnalysisSearch>) =>
    void navigate({
      search: (now) => ({ ...now, ...change }),
      replace: !isChoice(search, change),
      resetScroll: false,
    })
  const { status, text, since, by, ascending } = search
  const select = (task: string | undefined, asked: Pick<AnalysisSearch, 'draft' | 'saved'> = {}) =>
    void navigate({
      search: { status, text, since, by, ascending, task, draft: asked.draft, saved: asked.saved },
      resetScroll: false,
    })
  // The draft is what is read from an address once, not at every rendering.
  const draft = useMemo(() => draftIn({ draft: search.draft }), [search.draft])
  // What was typed a moment before a reload comes first, and into the address.
  const [unsaved] = useState(takeUnsaved)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    if (unsaved !== undefined) change({ draft: draftParameter(unsaved) })
  }, [])

  const askAnew = useAskAnew()
  // While the task works its card says all there is to say.
  const isLive = useIsWorking(search.task)
  const result =
    search.task === undefined || isLive ? null : (
      <Suspense fallback={<PageLoading />}>
        <ResultView
          key={search.task}
          taskId={search.task}
          search={search}
          onSearch={change}
          onAsk={(request, name) => void askAnew(request, name)}
          tools={<ResultTools taskId={search.task} onClose={() => select(undefined)} />}
        />
      </Suspense>
    )
  return (
    <>
      <title>{`${t('app.analysis')} · Tier6`}</title>
      <ConfigPanel
        selectedTask={search.task}
        search={search}
        onSearch={change}
        onSelectTask={(task) => select(task)}
        draft={draft}
        onDraft={(typed) => change({ draft: draftParameter(typed) })}
        onUnsaved={keepUnsaved}
        onSubmitted={(task) => select(task, search)}
        saved={search.saved}
        onSaved={(saved) => change({ saved })}
        planName={planTitle}
        result={result}
      />
    </>
  )
}
