/** What can be searched for. */
export interface Named {
  readonly title: string
  /** What is said beside the title. */
  readonly hint?: string | undefined
  /** Other words for it. */
  readonly words?: string
}

/** The first few entries that have each word of a text: those named so, then those with whole words. */
export function matching<T extends Named>(entries: readonly T[], typed: string, most: number): T[] {
  const text = typed.trim().toLowerCase()
  const wanted = text.split(/\s+/).filter(Boolean)
  const found = entries.flatMap((entry) => {
    const said = [entry.title, entry.hint, entry.words].join(' ').toLowerCase()
    if (!wanted.every((word) => said.includes(word))) return []
    const whole = new Set(said.split(/[\s\-_/·,()]+/))
    const isName = [entry.title, entry.hint].some((name) => name?.toLowerCase() === text)
    return [{ entry, wholes: wanted.filter((word) => whole.has(word)).length + Number(isName) }]
  })
  return found
    .sort((one, other) => other.wholes - one.wholes)
    .slice(0, most)
    .map(({ entry }) => entry)
}
