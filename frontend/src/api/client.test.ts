import { afterEach, expect, test, vi } from 'vitest'
import { pageAddress, webSocketAddress } from '@/api/address'
import { ApiError, apiErrorFrom } from '@/api/client'
import { exportAddress } from '@/api/exports'
import { cancelTask, getTasks } from '@/api/tasks'
import { acceptToken } from '@/api/token'

afterEach(() => vi.unstubAllGlobals())

/** A service that answers everything with this, and what it was asked. */
function serviceAnswering(status: number, body: unknown) {
  const asked: Request[] = []
  vi.stubGlobal('fetch', (request: Request) => {
    asked.push(request)
    return Promise.resolve(Response.json(body, { status }))
  })
  return asked
}

test('the service’s own error is kept with its fields', async () => {
  const fields = [{ field: 'inference.batch_size', message: 'must be at least 1, was 0' }]
  serviceAnswering(422, { error: { code: 'invalid_input', message: 'No.', fields } })
  const refused = { status: 422, code: 'invalid_input', message: 'No.', fields }
  await expect(cancelTask('a')).rejects.toMatchObject(refused)
})

test('an answer that is not ours is an internal error', () => {
  expect(apiErrorFrom(502, '<html>')).toMatchObject({ code: 'internal', message: 'HTTP 502' })
})

test('silence is told apart from an answer', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  await expect(getTasks()).rejects.toMatchObject({ code: 'unreachable' })
  await expect(getTasks()).rejects.toBeInstanceOf(ApiError)
})

test('a question given up is no failure of the service', async () => {
  const given = AbortSignal.abort()
  vi.stubGlobal('fetch', () => Promise.reject(given.reason))
  await expect(getTasks({}, given)).rejects.toMatchObject({ name: 'AbortError' })
})

test('a call says who calls and holds only what is set of a filter', async () => {
  vi.stubGlobal('sessionStorage', { setItem: () => undefined })
  acceptToken('secret')
  const asked = serviceAnswering(200, { tasks: [] })
  await getTasks({ status: ['failed', 'cancelled'], text: 'a b', cursor: undefined })
  expect(asked[0]?.url).toMatch(
    /\/api\/evaluation\/tasks\?status=failed&status=cancelled&text=a%20b$/,
  )
  expect(asked[0]?.headers.get('Authorization')).toBe('Bearer secret')
})

test('an export is of what the filter leaves', () => {
  const address = exportAddress('tasks', 'csv', { status: ['failed'] })
  expect(address).toMatch(/\/api\/evaluation\/export\/tasks\?status=failed&format=csv$/)
})

test('everything is found beneath the path that a proxy serves the page under', () => {
  expect(pageAddress('https://tier6.example/')).toBe('https://tier6.example')
  expect(pageAddress('https://example.org/plans/tier6/')).toBe('https://example.org/plans/tier6')
  expect(webSocketAddress('/ws/tasks', 'https://example.org/tier6')).toBe(
    'wss://example.org/tier6/ws/tasks',
  )
})
