import { Button, type FormInstance } from 'antd'
// Without what only the cards need of it.
import Form, { useForm, useWatch } from 'antd/es/form/Form'
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
} from 'react'
import { flushSync } from 'react-dom'
import { useTranslation } from 'react-i18next'
import type { Plan } from '@/api/types'
import { LoadingLines } from '@/components/PageStates'
import { useDebounced } from '@/hooks/useDebounced'
import { BarPreview } from './BarPreview'
import { Departures } from './Departures'
import { draftOf, valuesOf } from './draft'
import type { FieldPath } from './fieldErrors'
import { type FormValues, initialValues } from './formValues'
import { type Part, partOf, parts } from './parts'
import { type Kept, SavedQuestions } from './SavedQuestions'
import { useAsked } from './useAsked'
import { useSaved } from './useSaved'
import { useSentence } from './useSentence'
import { type Refusal, useSubmitEvaluation } from './useSubmitEvaluation'
import './QuestionBar.css'
import '@/components/Group.css'

type Cards = Record<Part, () => ReactNode>

const settleMs = 350

function RefusalAlert({ refusal }: { refusal: Refusal }) {
  const { t } = useTranslation()
  const { message, placed, unplaced } = refusal
  const title = placed > 0 ? t('form.problems') : message
  return (
    <div className="refusal" role="alert">
      {(placed > 0 || unplaced.length === 0) && <p>{title}</p>}
      {unplaced.length > 0 && (
        <ul>
          {unplaced.map(({ field, message }) => (
            <li key={field + message}>
              <code>{field}</code>: {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** Which card is open. One that has been open once stays in the form, so that it is checked. */
function useCards() {
  const [open, setOpen] = useState<Part>()
  const [seen, setSeen] = useState<readonly Part[]>([])
  const bar = useRef<HTMLDivElement>(null)
  const [cards, setCards] = useState<Cards>()
  /** Fetches what cards consist of: most of the form's weight, and not needed to read the question. */
  const load = async () => {
    try {
      setCards((await import('./cards')).cards)
    } catch (error) {
      setCards(() => {
        throw error
      })
    }
  }
  const show = (part: Part | undefined) => {
    void load()
    setOpen(part)
    if (part !== undefined) setSeen((now) => (now.includes(part) ? now : [...now, part]))
  }
  // Menus of the controls lie beside the page's root: a click there is none outside.
  useEffect(() => {
    if (open === undefined) return
    const leave = ({ target }: PointerEvent) => {
      const isElsewhere =
        target instanceof Element && target.closest('#root') && !bar.current?.contains(target)
      if (isElsewhere) setOpen(undefined)
    }
    document.addEventListener('pointerdown', leave)
    return () => document.removeEventListener('pointerdown', leave)
  }, [open])
  return { open, seen, show, bar, cards, load }
}

interface SentenceProps {
  values: FormValues
  open: Part | undefined
  onOpen: (part: Part | undefined) => void
  /** Somebody is about to open one. */
  onNear: () => void
}

/** The question in words; each part of it opens its card. */
function Sentence({ values, open, onOpen, onNear }: SentenceProps) {
  const { t } = useTranslation()
  const sentence = useSentence(values)
  return (
    <ul className="sentence" onPointerEnter={onNear} onFocus={onNear}>
      {parts.map((part) => (
        <li key={part}>
          <button
            type="button"
            data-part={part}
            aria-expanded={open === part}
            aria-controls={`question-${part}`}
            onClick={() => onOpen(open === part ? undefined : part)}
          >
            <span className="visually-hidden">{t(`question.part_${part}`)}: </span>
            {sentence[part]}
          </button>
        </li>
      ))}
    </ul>
  )
}

interface CardProps {
  part: Part
  open: boolean
  onClose: () => void
  /** Undefined until it is there. */
  Content: (() => ReactNode) | undefined
}

function Card({ part, open, onClose, Content }: CardProps) {
  const { t } = useTranslation()
  const card = useRef<HTMLElement>(null)
  const [left, setLeft] = useState(0)
  const isThere = Content !== undefined
  useEffect(() => {
    const element = card.current
    if (!open || !isThere || element === null) return
    const button = element.parentElement?.querySelector<HTMLElement>(`[data-part=${part}]`)
    const room = (element.parentElement?.clientWidth ?? 0) - element.offsetWidth
    setLeft(Math.max(0, Math.min(button?.offsetLeft ?? 0, room)))
    element.querySelector<HTMLElement>('input:not([type=radio], [type=file]), textarea')?.focus()
  }, [open, part, isThere])
  return (
    <section
      ref={card}
      id={`question-${part}`}
      className="question-card"
      aria-label={t(`question.part_${part}`)}
      hidden={!open}
      style={{ left }}
    >
      {isThere ? <Content /> : <LoadingLines rows={4} />}
      <footer>
        <Button size="small" onClick={onClose}>
          {t('question.done')}
        </Button>
      </footer>
    </section>
  )
}

export interface QuestionBarProps {
  /** What was typed, as the address keeps it. */
  draft: unknown
  onDraft: (draft: Record<string, unknown>) => void
  /** Told as the page is left of what the address does not say yet. */
  onUnsaved: (draft: Record<string, unknown>) => void
  /** The task that is open: without a draft, its question is the bar's. */
  taskId: string | undefined
  onSubmitted: (taskId: string) => void
  /** The saved question that it began as, by its name. */
  saved: string | undefined
  onSaved: (name: string | undefined) => void
  planName: (plan: Pick<Plan, 'parallelism' | 'pools'>) => string
}

/** The values as a whole; of cards never opened too. */
function useValues(form: FormInstance<FormValues>): FormValues {
  const values = useWatch<FormValues | undefined>([], { form, preserve: true })
  return values === undefined || values.model === undefined ? initialValues : values
}

interface Followed extends Pick<QuestionBarProps, 'draft' | 'onDraft' | 'onUnsaved' | 'taskId'> {
  form: FormInstance<FormValues>
  fill: (question: FormValues) => void
  /** The values once nothing has been typed for a moment. */
  settled: FormValues
}

/** The form says what the address says, and the address what is typed. */
function useAddress({ draft, onDraft, onUnsaved, taskId, form, fill, settled }: Followed) {
  const asked = useAsked(draft === undefined ? taskId : undefined)
  const said = draft === undefined ? asked : draft
  const key = said === undefined ? undefined : JSON.stringify(said)
  const written = useRef<string | undefined>(JSON.stringify(draft))
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each question that comes
  useEffect(() => {
    if (said === undefined || key === written.current) return
    written.current = key
    fill(said === asked ? asked : valuesOf(draft))
  }, [key])
  /** What was typed and the address does not say. */
  const untold = () => {
    if (draft === undefined && taskId !== undefined && asked === undefined) return undefined
    const typed = draftOf(form.getFieldsValue(true))
    const told = draftOf(draft === undefined ? (asked ?? initialValues) : valuesOf(draft))
    return JSON.stringify(typed) === JSON.stringify(told) ? undefined : (typed ?? {})
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of either
  useEffect(() => {
    const typed = untold()
    if (typed === undefined) return
    written.current = JSON.stringify(typed)
    onDraft(typed)
  }, [settled, key, taskId])
  const leave = useEffectEvent(() => {
    const typed = untold()
    if (typed !== undefined) onUnsaved(typed)
  })
  useEffect(() => {
    const listen = () => leave()
    window.addEventListener('pagehide', listen)
    return () => window.removeEventListener('pagehide', listen)
  }, [])
}

/** The question in one sentence: change any part of it, see what it would come to, run it. */
export function QuestionBar(props: QuestionBarProps) {
  const { draft, onDraft, onSubmitted, onSaved, planName } = props
  const { t } = useTranslation()
  const [form] = useForm<FormValues>()
  const [start] = useState(() => valuesOf(draft))
  const { open, seen, show, bar, cards, load } = useCards()
  const reveal = (paths: readonly FieldPath[]) =>
    flushSync(() => {
      for (const path of paths.toReversed()) show(partOf(path))
    })
  const { submit, refusal, forgetRefusal } = useSubmitEvaluation(form, async (paths) => {
    await load()
    reveal(paths)
  })
  const values = useValues(form)
  const fill = (question: FormValues) => {
    forgetRefusal()
    form.setFields(
      Object.entries(question).map(([name, value]) => ({
        name: [name] as never,
        value,
        errors: [],
      })),
    )
  }
  const [saved, setSaved] = useSaved(props)
  const choose = (question: Kept) => {
    fill(question.values)
    setSaved(question)
    onDraft(draftOf(question.values) ?? {})
  }
  useAddress({ ...props, form, fill, settled: useDebounced(values, settleMs) })

  const run = () =>
    submit.mutate(form.getFieldsValue(true), {
      onSuccess: ({ task_id }) => {
        show(undefined)
        onSubmitted(task_id)
      },
    })
  const close = () => {
    if (open !== undefined) bar.current?.querySelector<HTMLElement>(`[data-part=${open}]`)?.focus()
    show(undefined)
  }
  const closeByKey = (event: KeyboardEvent) => {
    // A menu that is open closes first.
    const inMenu = document.querySelector('.ant-select-open') !== null
    if (event.key === 'Escape' && open !== undefined && !inMenu) close()
  }
  return (
    <Form<FormValues>
      form={form}
      layout="vertical"
      className="panel question-bar"
      initialValues={start}
      onValuesChange={forgetRefusal}
      onFinish={run}
      onFinishFailed={({ errorFields }) => {
        reveal(errorFields.map(({ name }) => name as FieldPath))
      }}
      scrollToFirstError={{ focus: true }}
      requiredMark={false}
      aria-labelledby="question-title"
      onKeyDown={closeByKey}
    >
      <h1 id="question-title" className="visually-hidden">
        {t('question.title')}
      </h1>
      <div ref={bar} className="question-line">
        <Sentence values={values} open={open} onOpen={show} onNear={() => void load()} />
        <div className="question-tools">
          <SavedQuestions current={() => form.getFieldsValue(true)} onChoose={choose} />
          <Button
            type="text"
            title={t('question.resetHint')}
            onClick={() => {
              fill(initialValues)
              onSaved(undefined)
              onDraft({})
            }}
          >
            {t('question.reset')}
          </Button>
          <Button type="primary" size="large" htmlType="submit" loading={submit.isPending}>
            {submit.isPending ? t('form.running') : t('form.run')}
          </Button>
        </div>
        {seen.map((part) => (
          <Card
            key={part}
            part={part}
            open={open === part}
            onClose={close}
            Content={cards?.[part]}
          />
        ))}
      </div>
      {saved !== undefined && (
        <Departures values={values} saved={saved} onRestore={() => choose(saved)} />
      )}
      {refusal !== null && <RefusalAlert refusal={refusal} />}
      <BarPreview values={values} planName={planName} />
    </Form>
  )
}
