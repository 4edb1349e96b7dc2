import { isFinished, type LiveTask, type LiveTasks } from '@/events/liveTasks'

/** Ids by place; null where a place is free. */
export type Slots = readonly (string | null)[]

/** So many places are there from the beginning: as many tasks as the service runs by default. */
export const leastSlots = 4

const stays = ({ status }: LiveTask) => status === 'failed'

/**
 * The places of what is being worked on. A task keeps its place as long as it is shown, so that no
 * card moves; one that has ended makes room for one that runs, a failed one for none. Free places
 * show what waits.
 */
export function placed(before: Slots, tasks: LiveTasks): Slots {
  const byId = new Map(tasks.map((task) => [task.task_id, task]))
  const slots = before.map((id) => (id !== null && byId.has(id) ? id : null))
  while (slots.length < leastSlots) slots.push(null)
  const statusAt = (place: number) => byId.get(slots[place] ?? '')?.status
  const isIn = new Set(slots)
  const put = (task: LiveTask, mayTake: (place: number) => boolean, grow: boolean) => {
    const place = slots.findIndex((_id, place) => mayTake(place))
    if (place >= 0) slots[place] = task.task_id
    else if (grow) slots.push(task.task_id)
  }
  const isFree = (place: number) => slots[place] === null
  const makesRoom = (place: number) => {
    const status = statusAt(place)
    return status === 'pending' || status === 'completed' || status === 'cancelled'
  }
  const missing = tasks.filter(({ task_id }) => !isIn.has(task_id))
  for (const task of missing.filter((one) => one.status === 'running' || stays(one))) {
    put(task, slots.some((id) => id === null) ? isFree : makesRoom, true)
  }
  const waiting = missing.filter(({ status }) => status === 'pending')
  for (const task of waiting.toSorted((one, other) => other.priority - one.priority)) {
    put(task, isFree, false)
  }
  while (slots.length > leastSlots && slots.at(-1) === null) slots.pop()
  return slots
}

/** How many wait that have no place. */
export function waitingOutside(slots: Slots, tasks: LiveTasks): number {
  const shown = new Set(slots)
  return tasks.filter(({ task_id, status }) => !isFinished(status) && !shown.has(task_id)).length
}
