import { beforeEach, expect, test, vi } from 'vitest'

/** A tab of its own: the module keeps the token of one tab. */
async function freshTab() {
  vi.resetModules()
  const kept = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  })
  return { ...(await import('@/api/token')), kept }
}

let tab: Awaited<ReturnType<typeof freshTab>>
beforeEach(async () => {
  tab = await freshTab()
})

test('without a token nothing is sent along', () => {
  expect(tab.authorization()).toEqual({})
  expect(tab.webSocketProtocols()).toEqual([])
})

test('a token is kept for the tab, sent in the header and in the subprotocols', () => {
  let accepted = 0
  tab.onTokenAccepted(() => {
    accepted += 1
  })
  tab.acceptToken('secret')
  expect([...tab.kept.values()]).toEqual(['secret'])
  expect(tab.authorization()).toEqual({ Authorization: 'Bearer secret' })
  expect(tab.webSocketProtocols()).toEqual(['tier6', 'token.secret'])
  expect(accepted).toBe(1)
})

test('a service that wants one is heard once', () => {
  tab.tokenRefused(null)
  expect(tab.tokenState()).toMatchObject({ wanted: true, refused: false })
  tab.declineToken()
  tab.tokenRefused(null)
  expect(tab.tokenState().wanted).toBe(false)
})

test('a wrong token is asked for again, an answer to an older one is passed over', () => {
  tab.acceptToken('wrong')
  tab.tokenRefused(null)
  expect(tab.tokenState().wanted).toBe(false)
  tab.tokenRefused('wrong')
  expect(tab.tokenState()).toMatchObject({ wanted: true, refused: true })
})

test('a wrong token that is put off is not asked for at every refusal', () => {
  tab.acceptToken('wrong')
  tab.declineToken()
  tab.tokenRefused('wrong')
  expect(tab.tokenState().wanted).toBe(false)
})
