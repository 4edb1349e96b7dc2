/**
 * Where the page is, without a slash at the end: the service writes the path that a proxy serves
 * it under into the page's <base>.
 */
export function pageAddress(base: string = document.baseURI): string {
  return new URL('.', base).href.replace(/\/$/, '')
}

/** Where the service is: beside its page when built, port 8001 while developing. */
export const serviceAddress: string =
  import.meta.env.VITE_API_URL ?? (import.meta.env.DEV ? 'http://localhost:8001' : pageAddress())

export function webSocketAddress(path: string, service: string = serviceAddress): string {
  return service.replace(/^http/, 'ws') + path
}
