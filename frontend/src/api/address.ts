/** Where the service is: the page's own origin when built, port 8001 while developing. */
export const apiOrigin: string =
  import.meta.env.VITE_API_URL ?? (import.meta.env.DEV ? 'http://localhost:8001' : '')

export function webSocketUrl(
  path: string,
  page: Pick<Location, 'origin'> = window.location,
): string {
  return new URL(path, apiOrigin || page.origin).href.replace(/^http/, 'ws')
}
