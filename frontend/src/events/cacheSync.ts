import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query'
import { keys } from '@/api/queries'
import type { TaskDetail, TaskEvent, TaskList, TaskResults } from '@/api/types'
import { assertNever } from '@/assertNever'
import type { TaskConnection } from '@/events/connection'
import {
  applyEvent,
  isFinished,
  type LiveTask,
  type LiveTasks,
  untold,
  withoutTask,
} from '@/events/liveTasks'

/** A finished task stays on the screen this long, so that its end is seen. */
export const lingerMs = 3_000

/** How often is asked while nothing is told. */
export const pollMs = 3_000

/** What happens within this time is asked about together. */
export const settleMs = 200

type Update = Extract<TaskEvent, { type: 'task_update' }>
type TaskPages = InfiniteData<TaskList>

function withUpdate<T extends { task_id: string }>(task: T, event: Update): T {
  const { type: _type, sequence: _sequence, ...figures } = event
  return task.task_id === event.task_id ? { ...task, ...figures } : task
}

function pagesWithUpdate(pages: TaskPages | undefined, event: Update): TaskPages | undefined {
  if (!pages?.pages.some(({ tasks }) => tasks.some(({ task_id }) => task_id === event.task_id))) {
    return pages
  }
  const updated = pages.pages.map((page) => ({
    ...page,
    tasks: page.tasks.map((task) => withUpdate(task, event)),
  }))
  return { ...pages, pages: updated }
}

/**
 * Asks anew for what is outdated and on the screen: what happens at once together, and one question
 * after the other, so that a thousand tasks that end in a second are not a thousand questions.
 */
function refresher(client: QueryClient) {
  const waiting = new Map<string, QueryKey>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const ask = async () => {
    const asked = [...waiting.values()]
    waiting.clear()
    // An answer that is under way may be older than what has happened.
    const early = asked.filter((queryKey) => client.isFetching({ queryKey }) > 0)
    await Promise.all(
      asked.map((queryKey) =>
        client.refetchQueries({ queryKey, type: 'active' }, { cancelRefetch: false }),
      ),
    )
    timer = undefined
    early.forEach(outdated)
    if (waiting.size > 0) timer ??= setTimeout(ask, settleMs)
  }
  const outdated = (queryKey: QueryKey) => {
    void client.invalidateQueries({ queryKey, refetchType: 'none' })
    waiting.set(JSON.stringify(queryKey), queryKey)
    timer ??= setTimeout(ask, settleMs)
  }
  return { outdated, stop: () => clearTimeout(timer) }
}

/** Keeps the query cache true: by events, and by asking while there are none; returns how to stop. */
export function followEvents(connection: TaskConnection, client: QueryClient): () => void {
  const { outdated, stop } = refresher(client)
  const lingering = new Set<ReturnType<typeof setTimeout>>()
  const live = (): LiveTasks => client.getQueryData<LiveTasks>(keys.live) ?? []

  const forgetLater = (taskId: string) => {
    const timer = setTimeout(() => {
      lingering.delete(timer)
      client.setQueryData<LiveTasks>(keys.live, (tasks = []) => withoutTask(tasks, taskId))
    }, lingerMs)
    lingering.add(timer)
  }

  const taskLists = [keys.tasks, keys.experiments, keys.queue]

  const afterUpdate = (event: Update, before: LiveTask | undefined) => {
    const { task_id, status } = event
    client.setQueriesData<TaskPages>({ queryKey: keys.tasks }, (pages) =>
      pagesWithUpdate(pages, event),
    )
    client.setQueryData<TaskDetail>(keys.task(task_id), (task) => task && withUpdate(task, event))
    if (before?.best_so_far?.value !== event.best_so_far?.value) outdated(keys.results(task_id))
    if (before?.priority !== event.priority) outdated(keys.queue)
    if (before?.status === status) return
    for (const key of [...taskLists, keys.task(task_id)]) outdated(key)
    if (!isFinished(status)) return outdated(keys.live)
    outdated(keys.results(task_id))
    // Why a task failed stays until somebody has closed it.
    if (status !== 'failed') forgetLater(task_id)
  }

  const askForPartialResults = () => {
    const known = client.getQueriesData<TaskResults>({ queryKey: keys.allResults })
    for (const [key, results] of known) if (results?.partial) outdated(key)
  }

  const everything = [keys.live, keys.allTasks, keys.allResults, ...taskLists]

  const apply = (event: TaskEvent) => {
    const before = live()
    const known = (taskId: string) => before.find(({ task_id }) => task_id === taskId)
    const after = applyEvent(before, event)
    if (after !== before) client.setQueryData<LiveTasks>(keys.live, after)
    switch (event.type) {
      case 'task_update':
        afterUpdate(event, known(event.task_id))
        break
      case 'snapshot':
        // Events were missed that can't be told again: whatever they were about may have changed.
        if (event.resync) everything.forEach(outdated)
        if (event.tasks.some(({ task_id }) => known(task_id) === undefined)) outdated(keys.live)
        break
      case 'task_deleted':
        for (const key of [...taskLists, keys.task(event.task_id)]) outdated(key)
        client.removeQueries({ queryKey: keys.results(event.task_id) })
        break
      case 'heartbeat':
        // Estimates move with time, and no event tells of a pause or of plans looked at in vain.
        outdated(keys.queue)
        askForPartialResults()
        break
      case 'error':
        break
      default:
        assertNever(event)
    }
  }

  let polling: ReturnType<typeof setInterval> | undefined
  const poll = () => {
    for (const key of [keys.live, keys.allTasks, ...taskLists]) outdated(key)
    askForPartialResults()
  }
  const followState = () => {
    const isOpen = connection.state().state === 'open'
    if (!isOpen && polling === undefined) {
      polling = setInterval(poll, pollMs)
    } else if (isOpen && polling !== undefined) {
      clearInterval(polling)
      polling = undefined
      // What was missed is told by the connection; only answers that failed are asked for anew.
      void client.invalidateQueries({ predicate: ({ state }) => state.status === 'error' })
    }
    if (!isOpen) client.setQueryData<LiveTasks>(keys.live, (tasks) => tasks?.map(untold))
  }

  const leave = [connection.onEvent(apply), connection.onState(followState)]
  followState()
  return () => {
    for (const stopListening of leave) stopListening()
    for (const timer of lingering) clearTimeout(timer)
    clearInterval(polling)
    stop()
  }
}
