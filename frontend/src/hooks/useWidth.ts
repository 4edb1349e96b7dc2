import { type RefObject, useLayoutEffect, useRef, useState } from 'react'

/** The width of an element in pixels; undefined before there is a layout. */
export function useWidth<E extends HTMLElement>(): [RefObject<E | null>, number | undefined] {
  const element = useRef<E>(null)
  const [width, setWidth] = useState<number>()
  useLayoutEffect(() => {
    const box = element.current
    if (box === null) return
    const look = () => setWidth(box.clientWidth || undefined)
    look()
    const watched = new ResizeObserver(look)
    watched.observe(box)
    return () => watched.disconnect()
  }, [])
  return [element, width]
}
