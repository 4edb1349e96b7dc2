import { useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { CommandGroup, CommandInput, CommandItem, CommandList, CommandRoot } from 'cmdk'
import { useState } from 'react'
import { flushSync } from 'react-dom'
import { useTranslation } from 'react-i18next'
import { chipsQuery, modelsQuery } from '@/api/catalogue'
import { recentTasksQuery } from '@/api/queries'
import { questionsQuery } from '@/api/questions'
import { Dialog } from '@/components/Dialog'
import { valuesAsked } from '@/features/deploymentForm/asked'
import { draftOf, valuesOf } from '@/features/deploymentForm/draft'
import { useAsked } from '@/features/deploymentForm/useAsked'
import { useTaskText } from '@/features/tasks/useTaskText'
import { planText, useTray } from '@/hooks/comparisonTray'
import { switchLanguage } from '@/i18n/i18n'
import { useLanguage } from '@/i18n/useFormats'
import { usePresetTitle } from '@/i18n/usePresetTitle'
import type { ThemeName } from '@/theme'
import { draftIn } from './draftAddress'
import { matching, type Named } from './matching'
import { useDestinations } from './useDestinations'
import './CommandPalette.css'

interface PaletteProps {
  theme: ThemeName
  onTheme: (theme: ThemeName) => void
  onClose: () => void
  onKeys: () => void
}

interface Entry extends Named {
  readonly id: string
  readonly run: () => void
}

interface Group {
  readonly title: string
  readonly entries: readonly Entry[]
  /** So many are shown before anything is typed, and so many of those that match. */
  readonly most: readonly [untyped: number, matching: number]
}

/** The pages, in the order of the header. */
function usePages(): readonly Entry[] {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const plans = useTray().map(planText)
  return [
    { id: 'analysis', title: t('app.analysis'), run: () => void navigate({ to: '/' }) },
    { id: 'overview', title: t('overview.title'), run: () => void navigate({ to: '/overview' }) },
    { id: 'what-if', title: t('app.whatIf'), run: () => void navigate({ to: '/what-if' }) },
    {
      id: 'experiments',
      title: t('app.experiments'),
      run: () => void navigate({ to: '/experiments' }),
    },
    {
      id: 'compare',
      title: t('compare.title'),
      run: () => void navigate({ to: '/compare', search: { plans } }),
    },
    {
      id: 'catalogue',
      title: t('catalogue.title'),
      run: () => void navigate({ to: '/catalogue' }),
    },
  ].map((page) => ({ ...page, words: page.id }))
}

function useActions({ theme, onTheme, onKeys }: PaletteProps): readonly Entry[] {
  const { t } = useTranslation()
  const { newQuestion } = useDestinations()
  const otherTheme = theme === 'light' ? 'dark' : 'light'
  const other =
    useLanguage() === 'zh'
      ? ({ language: 'en', title: 'English' } as const)
      : ({ language: 'zh', title: '中文' } as const)
  return [
    { id: 'new', title: t('palette.newQuestion'), hint: 'n', words: 'new', run: newQuestion },
    {
      id: 'theme',
      title: t(`app.${otherTheme}Theme`),
      words: `theme ${otherTheme}`,
      run: () => onTheme(otherTheme),
    },
    {
      id: 'language',
      title: other.title,
      hint: t('app.language'),
      words: 'language Chinese 语言',
      run: () => void switchLanguage(other.language),
    },
    { id: 'keys', title: t('keys.title'), hint: '?', words: 'keys', run: onKeys },
  ]
}

/** The question that the page shows: as it is typed, else that of the task. */
function useQuestionAtHand() {
  const { pathname, search } = useLocation()
  const draft = pathname === '/' ? draftIn(search) : undefined
  const shown = pathname.startsWith('/results/') ? pathname.slice('/results/'.length) : search.task
  const asked = useAsked(draft === undefined ? shown : undefined)
  return draft === undefined ? (asked ?? valuesOf({})) : valuesOf(draft)
}

/** The presets: each asks the question at hand with it. */
function usePresets(): readonly Group[] {
  const { t } = useTranslation()
  const { ask } = useDestinations()
  const values = useQuestionAtHand()
  const presetTitle = usePresetTitle()
  const { data: models = [] } = useQuery(modelsQuery)
  const { data: chips = [] } = useQuery(chipsQuery)
  const entries = (part: 'model' | 'hardware', presets: typeof models | typeof chips) =>
    presets.map((preset) => ({
      id: `${part} ${preset.name}`,
      title: presetTitle(preset),
      hint: preset.name,
      words: preset.aliases.join(' '),
      run: () =>
        ask(
          draftOf({ ...values, [part]: { source: 'preset', preset: preset.name, json: '' } }) ?? {},
        ),
    }))
  return [
    { title: t('palette.models'), entries: entries('model', models), most: [0, 8] },
    { title: t('palette.chips'), entries: entries('hardware', chips), most: [0, 8] },
  ]
}

function useSavedQuestions(): readonly Entry[] {
  const { ask } = useDestinations()
  const { data: questions = [] } = useQuery(questionsQuery)
  return questions.map(({ id, name, request }) => ({
    id: `question ${id}`,
    title: name,
    run: () => ask(draftOf(valuesAsked({ request, experiment_name: '', presets: {} })) ?? {}, name),
  }))
}

function useRecentTasks(): readonly Entry[] {
  const navigate = useNavigate()
  const text = useTaskText()
  const { data: tasks = [] } = useQuery(recentTasksQuery('completed', 50))
  return tasks.map((task) => {
    const { chips, load, best } = text(task)
    const { task_id: taskId, experiment_name: title, model_name } = task
    return {
      id: `task ${taskId}`,
      title,
      hint: [model_name, chips, load, best].filter(Boolean).join(' · '),
      run: () => void navigate({ to: '/results/$taskId', params: { taskId } }),
    }
  })
}

function useGroups(props: PaletteProps): readonly Group[] {
  const { t } = useTranslation()
  const pages = { title: t('palette.pages'), entries: usePages(), most: [6, 6] } as const
  const actions = { title: t('palette.actions'), entries: useActions(props), most: [4, 4] } as const
  const questions = useSavedQuestions()
  const tasks = useRecentTasks()
  return [
    pages,
    actions,
    { title: t('question.savedQuestions'), entries: questions, most: [5, 8] },
    ...usePresets(),
    { title: t('palette.tasks'), entries: tasks, most: [5, 8] },
  ]
}

/** Every page, action, question, preset and result, by its name. */
export function CommandPalette(props: PaletteProps) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const { findTasks } = useDestinations()
  const { isPending } = useQuery(recentTasksQuery('completed', 50))
  const text = typed.trim()
  const groups = useGroups(props).map(({ title, entries, most: [untyped, most] }) => ({
    title,
    entries: matching(entries, text, text === '' ? untyped : most),
  }))
  /** The keyboard is back on the page before a command may move it. */
  const choose = (run: () => void) => {
    flushSync(props.onClose)
    run()
  }
  return (
    <Dialog label={t('palette.title')} onClose={props.onClose}>
      <CommandRoot
        className="palette"
        label={t('palette.search')}
        shouldFilter={false}
        loop
        vimBindings={false}
      >
        <CommandInput value={typed} onValueChange={setTyped} placeholder={t('palette.search')} />
        <CommandList label={t('palette.title')}>
          {groups.map(
            ({ title, entries }) =>
              entries.length > 0 && (
                <CommandGroup key={title} heading={title}>
                  {entries.map(({ id, title, hint, run }) => (
                    <CommandItem key={id} value={id} onSelect={() => choose(run)}>
                      <span>{title}</span>
                      {hint !== undefined && <span className="muted">{hint}</span>}
                    </CommandItem>
                  ))}
                </CommandGroup>
              ),
          )}
          {/* After the recent ones are known, which come first. */}
          {text !== '' && !isPending && (
            <CommandGroup heading={t('task.history')}>
              <CommandItem value="find" onSelect={() => choose(() => findTasks(text))}>
                {t('palette.findTasks', { text })}
              </CommandItem>
            </CommandGroup>
          )}
        </CommandList>
      </CommandRoot>
    </Dialog>
  )
}
