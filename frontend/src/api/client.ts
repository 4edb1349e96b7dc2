import createClient, { createQuerySerializer, type Middleware } from 'openapi-fetch'
import { serviceAddress } from '@/api/address'
import type { paths } from '@/api/schema.gen'
import { authorization, tokenRefused, tokenState } from '@/api/token'
import type { ErrorBody, FieldProblem } from '@/api/types'

export type ErrorCode = ErrorBody['code'] | 'unreachable'

/** The service's answer when it is not the one hoped for; `fields` names the inputs to blame. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    message: string,
    readonly fields: readonly FieldProblem[] = [],
  ) {
    super(message)
  }
}

function isErrorBody(value: unknown): value is { error: ErrorBody } {
  if (typeof value !== 'object' || value === null || !('error' in value)) return false
  const { error } = value
  return typeof error === 'object' && error !== null && 'message' in error && 'code' in error
}

export function apiErrorFrom(status: number, body: unknown): ApiError {
  if (isErrorBody(body)) {
    return new ApiError(status, body.error.code, body.error.message, body.error.fields ?? [])
  }
  return new ApiError(status, 'internal', `HTTP ${status}`)
}

/** Says who calls; anything but success is thrown as an ApiError. */
const callsOfThisPage: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(authorization())) request.headers.set(name, value)
  },
  async onResponse({ request, response }) {
    if (response.ok) return
    const error = apiErrorFrom(response.status, await response.json().catch(() => null))
    if (error.code === 'unauthorized') tokenRefused(tokenOf(request))
    throw error
  },
  onError({ request, error }) {
    if (error instanceof ApiError || request.signal.aborted) return
    return new ApiError(0, 'unreachable', 'The service does not answer.')
  },
}

const bearer = 'Bearer '

function tokenOf({ headers }: Request): string | null {
  return headers.get('Authorization')?.slice(bearer.length) ?? null
}

/** Calls of the service by path, typed by its OpenAPI document. */
export const api = createClient<paths>({
  baseUrl: serviceAddress,
  fetch: (request) => fetch(request),
})
api.use(callsOfThisPage)

/** The body of a successful answer; whatever else came back was thrown before. */
export async function bodyOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T
}

/** "a=1&b=2&b=3" of what is set. */
export const queryString = createQuerySerializer()

/** A file of the service, for which a link can't carry the token. */
export async function fileAt(address: string): Promise<{ blob: Blob; name: string | null }> {
  const response = await fetch(address, { headers: authorization(tokenState().token) })
  if (!response.ok) throw apiErrorFrom(response.status, await response.json().catch(() => null))
  const disposition = response.headers.get('Content-Disposition') ?? ''
  return { blob: await response.blob(), name: /filename="?([^";]+)/.exec(disposition)?.[1] ?? null }
}
