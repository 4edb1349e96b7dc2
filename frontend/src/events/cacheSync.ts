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
import { forgetTask } from '@/hooks/comparisonTray'

/** A finished task stays on the screen this long, so that its end is seen. */
export const lingerMs = 3_000

/** How often is asked while nothing is told. */
export const pollMs = 3_000

/** What happens within this time is asked about together. */
export const settleMs = 500

/** After an event, what follows within this time changes the page together. */
export const gatherMs = 200

type Update = Extract<TaskEvent, { type: 'task_update' }>
type TaskPages = InfiniteData<TaskList>

function withUpdate<T extends { task_id: string }>(task: T, event: Update): T {
  const { type: _type, sequence: _sequence, ...figures } = event
  return task.task_id === event.task_id ? { ...task, ...figures } : task
}

type Updates = ReadonlyMap<string, Update>

/** Pages and tasks that nothing was told of stay the same objects. */
function pagesWithUpdates(pages: TaskPages | undefined, updates: Updates): TaskPages | undefined {
  if (pages === undefined) return pages
  const isTold = ({ tasks }: TaskList) => tasks.some(({ task_id }) => updates.has(task_id))
  if (!pages.pages.some(isTold)) return pages
  const updated = pages.pages.map((page) => {
    if (!isTold(page)) return page
    const tasks = page.tasks.map((task) => {
      const update = updates.get(task.task_id)
      return update === undefined ? task : withUpdate(task, update)
    })
    return { ...page, tasks }
  })
  return { ...pages, pages: updated }
}

/** Hands on the first of some events at once, and what follows within a moment together. */
function gathered(apply: (events: readonly TaskEvent[]) => void) {
  let waiting: TaskEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const hand = () => {
    timer = undefined
    if (waiting.length === 0) return
    const events = waiting
    waiting = []
    timer = setTimeout(hand, gatherMs)
    apply(events)
  }
  const tell = (event: TaskEvent) => {
    waiting.push(event)
    if (timer === undefined) hand()
  }
  return { tell, stop: () => clearTimeout(timer) }
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

  const taskLists = [keys.tasks, keys.recent, keys.experiments, keys.queue]

  const afterUpdate = (event: Update, before: LiveTask | undefined) => {
    const { task_id, status } = event
    client.setQueryData<TaskDetail>(keys.task(task_id), (task) => task && withUpdate(task, event))
    if (before?.best_so_far?.value !== event.best_so_far?.value) outdated(keys.results(task_id))
    if (before?.priority !== event.priority) outdated(keys.queue)
    // One that waits and is told of again was moved.
    if (status === 'pending' && before?.status === status) outdated(keys.queue)
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

  /** What an event means beyond the live tasks, as they were before it. */
  const follow = (event: TaskEvent, before: LiveTasks) => {
    const known = (taskId: string) => before.find(({ task_id }) => task_id === taskId)
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
        forgetTask(event.task_id)
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

  /** One change of the live tasks and one of the lists, however many events there were. */
  const apply = (events: readonly TaskEvent[]) => {
    const before = live()
    const updates = new Map<string, Update>()
    const steps: LiveTasks[] = []
    let after = before
    for (const event of events) {
      steps.push(after)
      after = applyEvent(after, event)
      if (event.type === 'task_update') updates.set(event.task_id, event)
    }
    if (after !== before) client.setQueryData<LiveTasks>(keys.live, after)
    client.setQueriesData<TaskPages>({ queryKey: keys.tasks }, (pages) =>
      pagesWithUpdates(pages, updates),
    )
    // Last, as what is set counts as asked for a moment ago.
    for (const [place, event] of events.entries()) follow(event, steps[place] ?? before)
  }
  const { tell, stop: stopGathering } = gathered(apply)

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

  const leave = [connection.onEvent(tell), connection.onState(followState)]
  followState()
  return () => {
    for (const stopListening of leave) stopListening()
    for (const timer of lingering) clearTimeout(timer)
    clearInterval(polling)
    stopGathering()
    stop()
  }
}
