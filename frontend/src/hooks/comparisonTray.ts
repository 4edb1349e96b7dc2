import { useSyncExternalStore } from 'react'
import type { PlanId } from '@/api/types'

type RankedPlan = Required<PlanId>

/** A plan that somebody wants to compare, with what it is called. */
export interface TrayPlan extends RankedPlan {
  readonly title: string
  /** The experiment it was found in. */
  readonly experiment: string
}

/** So many columns can still be read. */
export const mostInTray = 12

const key = 'tier6.compare'

function isTrayPlan(value: unknown): value is TrayPlan {
  if (typeof value !== 'object' || value === null) return false
  const { task_id, rank, title, experiment } = value as Partial<Record<keyof TrayPlan, unknown>>
  const texts = [task_id, title, experiment].every((text) => typeof text === 'string')
  return texts && Number.isInteger(rank) && Number(rank) > 0
}

function read(): readonly TrayPlan[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(value) ? value.filter(isTrayPlan).slice(0, mostInTray) : []
  } catch {
    return []
  }
}

let plans = read()
const listeners = new Set<() => void>()

function tell(next: readonly TrayPlan[]): void {
  plans = next
  for (const listener of listeners) listener()
}

function keep(next: readonly TrayPlan[]): void {
  localStorage.setItem(key, JSON.stringify(next))
  tell(next)
}

/** Another tab of this browser changed it. */
function follow(event: StorageEvent): void {
  if (event.key === key || event.key === null) tell(read())
}

function onTray(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener('storage', follow)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) removeEventListener('storage', follow)
  }
}

export function planText({ task_id, rank }: RankedPlan): string {
  return `${task_id}:${rank}`
}

function has(plan: RankedPlan): boolean {
  return plans.some((one) => planText(one) === planText(plan))
}

/** Adds a plan; false where there is no room for another. */
export function addToTray(plan: TrayPlan): boolean {
  if (has(plan)) return true
  if (plans.length >= mostInTray) return false
  keep([...plans, plan])
  return true
}

export function removeFromTray(plan: RankedPlan): void {
  keep(plans.filter((one) => planText(one) !== planText(plan)))
}

export function clearTray(): void {
  keep([])
}

/** Plans of a task that is gone cannot be compared. */
export function forgetTask(taskId: string): void {
  if (plans.some(({ task_id }) => task_id === taskId)) {
    keep(plans.filter(({ task_id }) => task_id !== taskId))
  }
}

/** The plans chosen, in the order they were. */
export function useTray(): readonly TrayPlan[] {
  return useSyncExternalStore(onTray, () => plans)
}

/** Whether there is no room for another. */
export function useIsTrayFull(): boolean {
  return useSyncExternalStore(onTray, () => plans.length >= mostInTray)
}

/** Whether this one is among them: rendered anew only when that changes. */
export function useIsInTray(plan: RankedPlan): boolean {
  return useSyncExternalStore(onTray, () => has(plan))
}
