import { useEffect, useState } from 'react'

/** The time, renewed every `interval` milliseconds while `active`. */
export function useNow(active: boolean, interval = 1_000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!active) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), interval)
    return () => clearInterval(timer)
  }, [active, interval])
  return now
}
