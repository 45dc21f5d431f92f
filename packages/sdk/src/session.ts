import type { Schemas, Session } from './models.ts'
import { isHowdahError } from './errors.ts'

/** Ask the server for new tokens. */
export type Exchange = (body: Schemas['Refresh']) => Promise<Session>

/** Where the client's credential comes from, and how it is renewed. */
export interface SessionProvider {
  /** `same-origin`: the browser sends its cookies. */
  readonly credentials: 'omit' | 'same-origin'
  /** The bearer token for the next request; undefined: none. */
  readonly token: () => Promise<string | undefined>
  /** After a 401 to a request that carried `used`. True: the request is worth repeating. */
  readonly renew: (exchange: Exchange, used: string | undefined) => Promise<boolean>
}

/** A token or an API key that is never renewed. */
export function fixedToken(token: string): SessionProvider {
  return {
    credentials: 'omit',
    token: async () => token,
    renew: async () => false,
  }
}

/** No credential at all. */
export function anonymous(): SessionProvider {
  return {
    credentials: 'omit',
    token: async () => undefined,
    renew: async () => false,
  }
}

/** What a sign-in leaves with a program. */
export interface Tokens {
  /** Undefined: there is none yet for the project that is wanted; the first request gets one. */
  readonly token: string | undefined
  readonly refreshToken: string
  readonly expiresAt: string
}

/** Keeps the tokens of one session. */
export interface TokenStore {
  readonly read: () => Promise<Tokens | undefined>
  /**
   * Change what is stored while no one else does, in this process or another: a refresh token is good once, and using
   * it twice ends the session.
   */
  readonly update: (change: (current: Tokens | undefined) => Promise<Tokens | undefined>) => Promise<Tokens | undefined>
}

/** Tokens of this process only. */
export function memoryTokenStore(initial?: Tokens): TokenStore {
  let current = initial
  let last: Promise<unknown> = Promise.resolve()
  return {
    read: async () => current,
    update: (change) => {
      const next = last.then(async () => current = await change(current))
      // Whoever asked sees the failure; the next one in the queue starts afresh.
      last = next.catch(() => undefined)
      return next
    },
  }
}

/**
 * A session of a program: a short-lived token, renewed with the refresh token when the server says 401. `project`: the
 * one that renewed tokens are for; default: the session's own.
 */
export function tokenSession(store: TokenStore, options: { readonly project?: string } = {}): SessionProvider {
  return {
    credentials: 'omit',
    token: async () => (await store.read())?.token,
    renew: async (exchange, used) => {
      const renewed = await store.update(async (current) => {
        if (!current || current.token !== used)
          return current
        return await exchanged(exchange, { refreshToken: current.refreshToken, ...options })
      })
      return renewed !== undefined && renewed.token !== used
    },
  }
}

/** Tokens of a sign-in's answer. Throws where the server keeps them in cookies. */
export function tokensOf(session: Session): Tokens {
  if (session.token === undefined || session.refreshToken === undefined)
    throw new TypeError('The server answered a cookie session where tokens were asked for')
  return { token: session.token, refreshToken: session.refreshToken, expiresAt: session.expiresAt }
}

async function exchanged(exchange: Exchange, body: Schemas['Refresh']): Promise<Tokens | undefined> {
  try {
    return tokensOf(await exchange(body))
  }
  catch (error) {
    // The session has ended: there is nothing left to keep.
    if (isHowdahError(error, 'unauthenticated'))
      return undefined
    throw error
  }
}

/**
 * A browser's session: HttpOnly cookies that no script can read. Several tabs share them, so one renews and the others
 * notice, where the browser has locks.
 */
export function cookieSession(): SessionProvider {
  let renewal: Promise<boolean> | undefined
  return {
    credentials: 'same-origin',
    token: async () => undefined,
    renew: (exchange) => {
      renewal ??= exclusively(() => renewCookies(exchange)).finally(() => renewal = undefined)
      return renewal
    },
  }
}

async function renewCookies(exchange: Exchange): Promise<boolean> {
  try {
    await exchange({})
    return true
  }
  catch (error) {
    if (isHowdahError(error, 'unauthenticated'))
      return false
    throw error
  }
}

interface LockManager { readonly request: <T>(name: string, work: () => Promise<T>) => Promise<T> }

async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  // Web Locks are in browsers, and not in the types of every runtime that this compiles for.
  const { navigator } = globalThis as { navigator?: { locks?: LockManager } }
  return navigator?.locks
    ? await navigator.locks.request('howdah-session', work)
    : await work()
}
