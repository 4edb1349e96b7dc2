import { afterEach, expect, test, vi } from 'vitest'
import { webSocketUrl } from '@/api/address'
import { ApiError, apiErrorFrom, httpGet } from '@/api/http'
import { taskQueryString } from '@/api/tasks'

afterEach(() => vi.unstubAllGlobals())

test('the service’s own error is kept with its fields', () => {
  const fields = [{ field: 'inference.batch_size', message: 'must be at least 1, was 0' }]
  const error = apiErrorFrom(422, { error: { code: 'invalid_input', message: 'No.', fields } })
  expect(error).toMatchObject({ status: 422, code: 'invalid_input', message: 'No.', fields })
})

test('an answer that is not ours is an internal error', () => {
  expect(apiErrorFrom(502, '<html>')).toMatchObject({ code: 'internal', message: 'HTTP 502' })
})

test('silence is told apart from an answer', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  await expect(httpGet('/healthz')).rejects.toMatchObject({ code: 'unreachable' })
  await expect(httpGet('/healthz')).rejects.toBeInstanceOf(ApiError)
})

test('a filter holds only what is set', () => {
  expect(taskQueryString({})).toBe('')
  expect(taskQueryString({ status: ['failed', 'cancelled'], text: 'a b', limit: 50 })).toBe(
    '?status=failed&status=cancelled&text=a+b&limit=50',
  )
})

test('the WebSocket is where the service is', () => {
  const url = webSocketUrl('/ws/tasks', { origin: 'https://tier6.example' })
  expect(url).toMatch(/^wss?:\/\/[^/]+\/ws\/tasks$/)
})
