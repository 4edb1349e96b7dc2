import { useEffect, useState } from 'react'
import { isFinished } from '@/events/liveTasks'
import { useLiveTasks } from './useLiveTasks'

const storageKey = 'tier6.restored'

function told(): readonly string[] {
  try {
    const ids: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? '[]')
    return Array.isArray(ids) ? ids.map(String) : []
  } catch {
    return []
  }
}

/** How many of the running tasks this tab has not told of yet; from now on it has. */
export function newlyRestored(running: readonly string[]): number {
  const known = told()
  sessionStorage.setItem(storageKey, JSON.stringify(running))
  return running.filter((id) => !known.includes(id)).length
}

/** How many tasks were found running when the page was loaded, said of each once. */
export function useRestored() {
  const { data } = useLiveTasks()
  const [count, setCount] = useState<number>()
  useEffect(() => {
    if (data === undefined || count !== undefined) return
    const running = data.filter(({ status }) => !isFinished(status))
    setCount(newlyRestored(running.map(({ task_id }) => task_id)))
  }, [data, count])
  return { count: count ?? 0, close: () => setCount(0) }
}
