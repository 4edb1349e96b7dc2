import ReconnectingWebSocket, { type Options } from 'partysocket/ws'
import type { TaskEvent } from '@/api/types'
import { parseTaskEvent } from '@/events/messages'

export type ConnectionState = 'connecting' | 'open' | 'reconnecting'

export interface TaskConnection {
  readonly state: () => ConnectionState
  readonly onEvent: (listener: (event: TaskEvent) => void) => () => void
  readonly onState: (listener: (state: ConnectionState) => void) => () => void
  /** Called on every opening after the first: whatever happened meanwhile has to be fetched. */
  readonly onReconnect: (listener: () => void) => () => void
  readonly close: () => void
}

const patience: Options = {
  minReconnectionDelay: 500,
  maxReconnectionDelay: 8_000,
  reconnectionDelayGrowFactor: 1.6,
  connectionTimeout: 5_000,
}

class Listeners<T extends readonly unknown[]> {
  private readonly all = new Set<(...values: T) => void>()

  readonly add = (listener: (...values: T) => void): (() => void) => {
    this.all.add(listener)
    return () => {
      this.all.delete(listener)
    }
  }

  tell(...values: T): void {
    for (const listener of this.all) listener(...values)
  }
}

/** One WebSocket that comes back by itself, and what it says. */
export function connectTasks(url: string, options: Options = {}): TaskConnection {
  const events = new Listeners<[TaskEvent]>()
  const states = new Listeners<[ConnectionState]>()
  const reconnects = new Listeners<[]>()
  let state: ConnectionState = 'connecting'
  let openings = 0

  const become = (next: ConnectionState) => {
    if (next === state) return
    state = next
    states.tell(next)
  }

  const socket = new ReconnectingWebSocket(url, [], { ...patience, ...options })
  socket.addEventListener('open', () => {
    openings += 1
    become('open')
    if (openings > 1) reconnects.tell()
  })
  socket.addEventListener('close', () => become('reconnecting'))
  socket.addEventListener('message', ({ data }: MessageEvent) => {
    const event = parseTaskEvent(data)
    if (event !== null) events.tell(event)
  })

  return {
    state: () => state,
    onEvent: events.add,
    onState: states.add,
    onReconnect: reconnects.add,
    close: () => socket.close(),
  }
}
