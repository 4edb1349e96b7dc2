const beyond = 8

/** The rows in sight and a few beyond, of rows that are equally high. */
export function windowOf(
  top: number,
  height: number,
  rowHeight: number,
  count: number,
): { readonly first: number; readonly last: number } {
  const first = Math.max(0, Math.min(count, Math.floor(top / rowHeight)) - beyond)
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + beyond)
  return { first, last: Math.max(first, last) }
}
