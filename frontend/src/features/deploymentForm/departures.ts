import { draftOf } from './draft'
import type { FormValues } from './formValues'
import { type Part, partOf, parts } from './parts'

function paths(tree: object, above: readonly string[] = []): string[][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const path = [...above, key]
    const isTree = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isTree && above.length === 0 ? paths(value, path) : [path]
  })
}

/** The parts of a question that are no longer as they were saved. */
export function departures(values: FormValues, saved: FormValues): readonly Part[] {
  const changed = new Set(paths(draftOf(values, saved) ?? {}).map(partOf))
  return parts.filter((part) => changed.has(part))
}
