import { type RefObject, useEffect, useState } from 'react'

/** So few rows are all in the document. */
export const fewest = 24
/** Rows beyond either edge, so that a quick scroll shows no gap. */
const overscan = 4

export interface Window {
  readonly first: number
  readonly last: number
}

/** Which of so many rows of one height are in sight; a few more on either side. */
export function windowOf(
  { top, height }: { top: number; height: number },
  count: number,
  rowHeight: number,
): Window {
  if (count <= fewest) return { first: 0, last: count - 1 }
  const first = Math.floor(top / rowHeight) - overscan
  const last = Math.ceil((top + height) / rowHeight) + overscan
  return { first: Math.max(0, Math.min(first, count - 1)), last: Math.min(last, count - 1) }
}

/** Where to scroll so that a row is in sight below a head as high as itself. */
export function scrollTopFor(
  { top, height }: { top: number; height: number },
  row: number,
  rowHeight: number,
): number {
  const start = row * rowHeight
  if (start < top) return start
  const end = start + 3 * rowHeight
  return end > top + height ? end - height : top
}

/** The rows of a scrolling box that have to be in the document. */
export function useWindowed(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): Window & { reveal: (row: number) => void } {
  const [sight, setSight] = useState({ top: 0, height: 640 })
  useEffect(() => {
    const box = scroller.current
    if (box === null) return
    const look = () =>
      setSight((before) => {
        // In steps of some rows, so that not every pixel renders anew.
        const step = rowHeight * 4
        const top = Math.floor(box.scrollTop / step) * step
        const height = box.clientHeight + step
        return before.top === top && before.height === height ? before : { top, height }
      })
    look()
    const watched = new ResizeObserver(look)
    watched.observe(box)
    box.addEventListener('scroll', look, { passive: true })
    return () => {
      watched.disconnect()
      box.removeEventListener('scroll', look)
    }
  }, [scroller, rowHeight])
  const reveal = (row: number) => {
    const box = scroller.current
    if (box === null) return
    box.scrollTop = scrollTopFor({ top: box.scrollTop, height: box.clientHeight }, row, rowHeight)
  }
  return { ...windowOf(sight, count, rowHeight), reveal }
}
