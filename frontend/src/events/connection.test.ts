// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connectTasks, openingMs, silenceMs, type TaskConnection } from '@/events/connection'
import type { Hindrance } from '@/events/hindrance'

/** The far end of the wire: opens, says and closes when a test tells it to. */
class Wire extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3
  static all: Wire[] = []
  static last(): Wire {
    const wire = Wire.all.at(-1)
    if (wire === undefined) throw new Error('Nobody has connected.')
    return wire
  }

  readyState = Wire.CONNECTING
  binaryType = 'blob'

  constructor(
    readonly url: string,
    readonly protocols: string[] = [],
  ) {
    super()
    Wire.all.push(this)
  }

  open(): void {
    this.readyState = Wire.OPEN
    this.dispatchEvent(new Event('open'))
  }

  say(value: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(value) }))
  }

  close(code = 1006, reason = ''): void {
    this.readyState = Wire.CLOSED
    this.dispatchEvent(new CloseEvent('close', { code, reason }))
  }

  send(): void {}
}

let connection: TaskConnection
let states: string[]
let hindrance: Hindrance

const findHindrance = () => Promise.resolve(hindrance)

beforeEach(async () => {
  vi.useFakeTimers()
  Wire.all = []
  connection = connectTasks('ws://server/ws/tasks', { WebSocket: Wire, findHindrance })
  hindrance = { kind: 'away', sentence: null }
  states = []
  connection.onState(() => {
    const { state, hindrance } = connection.state()
    states.push(hindrance === null ? state : `${state}: ${hindrance.kind}`)
  })
  await vi.advanceTimersByTimeAsync(0)
})

afterEach(() => {
  connection.close()
  vi.useRealTimers()
})

test('events reach every listener until it leaves', () => {
  const heard: string[] = []
  const leave = connection.onEvent(({ type }) => heard.push(type))
  Wire.last().open()
  Wire.last().say({ type: 'snapshot', tasks: [] })
  leave()
  Wire.last().say({ type: 'snapshot', tasks: [] })
  expect(heard).toEqual(['snapshot'])
})

test('a lost connection is opened again by itself', async () => {
  Wire.last().open()
  await vi.advanceTimersByTimeAsync(openingMs)
  Wire.last().close()
  expect(connection.state().state).toBe('reconnecting')
  await vi.advanceTimersByTimeAsync(10_000)
  Wire.last().open()
  Wire.last().say({ type: 'heartbeat', sequence: 1 })
  expect(states.slice(0, 3)).toEqual(['open', 'reconnecting', 'reconnecting: away'])
  expect(states.at(-1)).toBe('open')
})

test('it says why it does not open', async () => {
  hindrance = { kind: 'refused', sentence: 'Not from there.' }
  Wire.last().close()
  await vi.advanceTimersByTimeAsync(0)
  expect(connection.state()).toEqual({ state: 'reconnecting', hindrance })
})

test('what is opened only to be closed with a refusal never counts as open', async () => {
  Wire.last().open()
  Wire.last().close(4403, 'Not from there.')
  await vi.advanceTimersByTimeAsync(0)
  const refused = { kind: 'refused', sentence: 'Not from there.' }
  expect(connection.state()).toEqual({ state: 'reconnecting', hindrance: refused })
  expect(states).not.toContain('open')
})

test('it comes back with the number of the last event heard', async () => {
  Wire.last().open()
  Wire.last().say({ type: 'snapshot', tasks: [], sequence: 17, resync: false })
  Wire.last().say({ type: 'heartbeat', sequence: 21 })
  Wire.last().close()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(Wire.last().url).toBe('ws://server/ws/tasks?batch=true&since=21')
})

test('a wire that says nothing for two heartbeats is opened anew', async () => {
  Wire.last().open()
  await vi.advanceTimersByTimeAsync(silenceMs - 1)
  expect(Wire.all).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(Wire.all.length).toBeGreaterThan(1)
})

test('the token goes into the subprotocols, never into the address', async () => {
  const protocols = () => ['tier6', 'token.secret']
  const second = connectTasks('ws://server/ws/tasks', {
    WebSocket: Wire,
    protocols,
    findHindrance,
  })
  await vi.advanceTimersByTimeAsync(0)
  expect(Wire.last()).toMatchObject({
    url: 'ws://server/ws/tasks?batch=true',
    protocols: protocols(),
  })
  second.close()
})

test('it keeps trying while the server is away', async () => {
  Wire.last().open()
  for (let attempt = 0; attempt < 5; attempt += 1) {
    Wire.last().close()
    await vi.advanceTimersByTimeAsync(9_000)
  }
  expect(Wire.all.length).toBeGreaterThanOrEqual(6)
})
