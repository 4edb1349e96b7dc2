import ReconnectingWebSocket, { type Options } from 'partysocket/ws'
import type { TaskEvent } from '@/api/types'
import { assertNever } from '@/assertNever'
import type { Hindrance } from '@/events/hindrance'
import { parseTaskEvents } from '@/events/messages'

export interface ConnectionState {
  readonly state: 'connecting' | 'open' | 'reconnecting'
  /** Why it is not open, as soon as that is known. */
  readonly hindrance: Hindrance | null
}

export interface TaskConnection {
  readonly state: () => ConnectionState
  readonly onEvent: (listener: (event: TaskEvent) => void) => () => void
  readonly onState: (listener: () => void) => () => void
  /** Closes and opens anew, for a token that has just been entered. */
  readonly reconnect: () => void
  readonly close: () => void
}

interface ConnectionOptions extends Options {
  protocols?: () => string[]
  /** Asked after each close that does not say why. */
  findHindrance: () => Promise<Hindrance>
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

/** The code that the service closes with what it has opened only to say why it refuses it. */
const foreignOrigin = 4403

/** So long after its opening, unless it says something before, a connection is no refusal. */
export const openingMs = 300

/** The service says something every 15 s; after two silences the wire is taken for dead. */
export const silenceMs = 35_000

/** The number to come back with, so that what was missed is told. */
function sequenceAfter(event: TaskEvent, before: number | null): number | null {
  switch (event.type) {
    case 'snapshot':
      // A server that was set up anew counts from the start.
      return event.sequence
    case 'task_update':
    case 'task_deleted':
    case 'heartbeat':
      return Math.max(before ?? 0, event.sequence)
    case 'error':
      return before
    default:
      return assertNever(event)
  }
}

/** One WebSocket that comes back by itself, what it says, and what is in its way. */
export function connectTasks(
  url: string,
  { protocols = () => [], findHindrance, ...options }: ConnectionOptions,
): TaskConnection {
  const events = new Listeners<[TaskEvent]>()
  const states = new Listeners<[]>()
  let state: ConnectionState = { state: 'connecting', hindrance: null }
  let sequence: number | null = null
  let silence: ReturnType<typeof setTimeout> | undefined
  let opening: ReturnType<typeof setTimeout> | undefined

  const become = (next: ConnectionState) => {
    state = next
    states.tell()
  }
  const becomeOpen = () => {
    clearTimeout(opening)
    if (state.state !== 'open') become({ state: 'open', hindrance: null })
  }

  // Lists of messages: a frame for each would cost a server with many pages much more.
  const address = () => `${url}?batch=true${sequence === null ? '' : `&since=${sequence}`}`
  const socket = new ReconnectingWebSocket(address, protocols, { ...patience, ...options })
  const awaitWord = () => {
    clearTimeout(silence)
    silence = setTimeout(() => socket.reconnect(), silenceMs)
  }
  socket.addEventListener('open', () => {
    awaitWord()
    opening = setTimeout(becomeOpen, openingMs)
  })
  socket.addEventListener('close', async ({ code, reason }: CloseEvent) => {
    clearTimeout(silence)
    clearTimeout(opening)
    if (state.state !== 'reconnecting') become({ state: 'reconnecting', hindrance: null })
    const refused = { kind: 'refused', sentence: reason } as const
    const hindrance = code === foreignOrigin ? refused : await findHindrance()
    if (state.state === 'reconnecting') become({ state: 'reconnecting', hindrance })
  })
  socket.addEventListener('message', ({ data }: MessageEvent) => {
    awaitWord()
    becomeOpen()
    for (const event of parseTaskEvents(data)) {
      sequence = sequenceAfter(event, sequence)
      events.tell(event)
    }
  })

  return {
    state: () => state,
    onEvent: events.add,
    onState: states.add,
    reconnect: () => socket.reconnect(),
    close: () => {
      clearTimeout(silence)
      clearTimeout(opening)
      socket.close()
    },
  }
}
