import { serviceAddress } from '@/api/address'
import { apiErrorFrom } from '@/api/client'
import { authorization, tokenRefused, tokenState } from '@/api/token'

/** What keeps the live connection from opening. */
export interface Hindrance {
  readonly kind: 'away' | 'refused' | 'unauthorized' | 'blocked'
  /** The service's own sentence, where it said one. */
  readonly sentence: string | null
}

const kinds: Readonly<Record<number, Hindrance['kind']>> = { 401: 'unauthorized', 403: 'refused' }

/**
 * Why there is no live connection. A browser doesn't show what a WebSocket was refused with, so the
 * same address is asked over plain HTTP: by POST, with which browsers always send their origin.
 */
export async function findHindrance(): Promise<Hindrance> {
  const { token } = tokenState()
  let response: Response
  try {
    response = await fetch(`${serviceAddress}/ws/tasks`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...authorization(token) },
      body: '{}',
    })
  } catch {
    return { kind: 'away', sentence: null }
  }
  // A proxy whose service is gone speaks for itself.
  if (response.status >= 500) return { kind: 'away', sentence: null }
  const kind = kinds[response.status] ?? 'blocked'
  if (kind === 'unauthorized') tokenRefused(token)
  if (kind === 'blocked') return { kind, sentence: null }
  return {
    kind,
    sentence: apiErrorFrom(response.status, await response.json().catch(() => null)).message,
  }
}
