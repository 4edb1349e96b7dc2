/** Ends a switch over a union: a new member breaks the build here until somebody handles it. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`)
}
