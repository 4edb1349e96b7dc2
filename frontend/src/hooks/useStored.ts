import { useState } from 'react'

function read<T>(key: string, isValid: (value: unknown) => value is T, fallback: T): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    return isValid(value) ? value : fallback
  } catch {
    return fallback
  }
}

/** A small choice of this browser that outlives the page. */
export function useStored<T>(key: string, isValid: (value: unknown) => value is T, fallback: T) {
  const [value, setValue] = useState(() => read(key, isValid, fallback))
  const store = (next: T) => {
    localStorage.setItem(key, JSON.stringify(next))
    setValue(next)
  }
  return [value, store] as const
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}
