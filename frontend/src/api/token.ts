/** The token of this tab, and whether the service waits for one. */
export interface TokenState {
  readonly token: string | null
  readonly wanted: boolean
  /** Whether the token that was entered is one that the service does not know. */
  readonly refused: boolean
}

const storageKey = 'tier6.token'

function stored(): string | null {
  try {
    return sessionStorage.getItem(storageKey)
  } catch {
    return null
  }
}

let state: TokenState = { token: stored(), wanted: false, refused: false }
/** The token (or none) that nobody wants to replace. */
let declined: string | null | undefined
const watchers = new Set<() => void>()
const acceptances = new Set<() => void>()

function become(next: TokenState): void {
  state = next
  for (const watcher of watchers) watcher()
}

export function tokenState(): TokenState {
  return state
}

export function onTokenState(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => {
    watchers.delete(watcher)
  }
}

/** Calls when a token was entered: whatever was refused without it is worth another try. */
export function onTokenAccepted(listener: () => void): void {
  acceptances.add(listener)
}

/** Headers that say who calls; none while there is no token. */
export function authorization(token: string | null = state.token): Record<string, string> {
  return token === null ? {} : { Authorization: `Bearer ${token}` }
}

/** The only place for a token that a browser's WebSocket has: addresses are logged. */
export function webSocketProtocols(token: string | null = state.token): string[] {
  return token === null ? [] : ['tier6', `token.${token}`]
}

/** After a 401 to a request with this token: asks for another until that is put off. */
export function tokenRefused(used: string | null): void {
  if (used !== state.token || used === declined) return
  become({ token: state.token, wanted: true, refused: used !== null })
}

export function askForToken(): void {
  become({ ...state, wanted: true })
}

export function declineToken(): void {
  declined = state.token
  become({ ...state, wanted: false })
}

export function acceptToken(token: string): void {
  sessionStorage.setItem(storageKey, token)
  become({ token, wanted: false, refused: false })
  for (const listener of acceptances) listener()
}
