/** Some seconds to think again: `over` says whether it goes on, `undo` ends them. */
export interface Grace {
  readonly over: Promise<boolean>
  readonly undo: () => void
}

/** It goes on when the seconds are over or the page is left, and not once it is undone. */
export function graceOf(seconds: number): Grace {
  const undone = new AbortController()
  const over = new Promise<boolean>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      window.removeEventListener('pagehide', end)
      resolve(!undone.signal.aborted)
    }
    const timer = setTimeout(end, 1000 * seconds)
    window.addEventListener('pagehide', end)
    undone.signal.addEventListener('abort', end)
  })
  return { over, undo: () => undone.abort() }
}
