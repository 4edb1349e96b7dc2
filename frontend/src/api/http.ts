import { apiOrigin } from '@/api/address'
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

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(apiOrigin + path, init)
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ApiError(0, 'unreachable', 'The service does not answer.')
  }
}

/** The answer to a request that says who calls; anything but success is an ApiError. */
async function answered(path: string, init: RequestInit): Promise<Response> {
  const { token } = tokenState()
  const headers = { ...init.headers, ...authorization(token) }
  const response = await send(path, { ...init, headers })
  if (response.ok) return response
  const body: unknown = await response.json().catch(() => null)
  const error = apiErrorFrom(response.status, body)
  if (error.code === 'unauthorized') tokenRefused(token)
  throw error
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const response = await answered(path, init)
  const body: unknown = await response.json().catch(() => null)
  return body as T
}

/** A file of the service, for which a link can't carry the token. */
export async function httpFile(path: string): Promise<{ blob: Blob; name: string | null }> {
  const response = await answered(path, {})
  const disposition = response.headers.get('Content-Disposition') ?? ''
  return { blob: await response.blob(), name: /filename="?([^";]+)/.exec(disposition)?.[1] ?? null }
}

export function httpGet<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, { signal: signal ?? null })
}

interface PostOptions {
  signal?: AbortSignal
  headers?: Record<string, string>
}

export function httpPost<T>(path: string, body?: unknown, options: PostOptions = {}): Promise<T> {
  if (body === undefined) return request<T>(path, { method: 'POST' })
  return request<T>(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...options.headers },
    signal: options.signal ?? null,
    body: JSON.stringify(body),
  })
}

export function httpDelete<T>(path: string): Promise<T> {
  return request<T>(path, { method: 'DELETE' })
}
