import type { Answer, CallOptions, Changed, CreateOptions, DatabaseDeleteOptions, DatabaseUpdateOptions, EndpointId, Input } from './call.ts'
import type { Plan } from './models.ts'
import type { RetryPolicy } from './retry.ts'
import type { SessionProvider } from './session.ts'
import { ConnectionError, DeadlineError, problemOf } from './errors.ts'
import { routes } from './generated/registry.ts'
import { retryDelayMs } from './retry.ts'
import { pause } from './timing.ts'
import { unreachable } from './unreachable.ts'

/** How every request of one client is sent. */
export interface TransportOptions {
  /** Without a final slash; empty: the page's own origin. */
  readonly baseUrl: string
  readonly session: SessionProvider
  readonly fetch: typeof globalThis.fetch
  readonly retries: RetryPolicy
  readonly deadlineMs: number
  readonly attemptMs: number
  readonly headers: Readonly<Record<string, string>>
}

/** Options of all calls; which of them an endpoint knows is the business of its resource. */
export type SendOptions = CallOptions & CreateOptions & DatabaseDeleteOptions & DatabaseUpdateOptions & {
  /** A status that is no error here: its body is in the contract. */
  readonly answer?: number
}

/** Sends what the contract describes and answers what it promises, or throws. */
export interface Transport {
  readonly call: <Id extends EndpointId>(id: Id, input: Input<Id>, options?: SendOptions) => Promise<Answer<Id>>
  /** The same for what takes `dryRun`: a plan for it, the changed thing without it. */
  readonly change: <Id extends EndpointId, O extends SendOptions>(id: Id, input: Input<Id>, options?: O) => Promise<Changed<O, Exclude<Answer<Id>, Plan>>>
  /** An answer without an end: no deadline but that of its beginning. */
  readonly open: <Id extends EndpointId>(id: Id, input: Input<Id>, options: { readonly signal: AbortSignal, readonly headers: Readonly<Record<string, string>> }) => Promise<Response>
}

interface Outgoing {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: string | undefined
  readonly isRepeatable: boolean
  readonly isPublic: boolean
  readonly attemptMs: number
  readonly answer: number | undefined
}

export function createTransport(config: TransportOptions): Transport {
  async function sendWithRetries(request: Outgoing, signal: AbortSignal, deadlineMs: number): Promise<unknown> {
    const deadline = performance.now() + deadlineMs
    for (let attempt = 0; ; attempt++) {
      try {
        return await jsonOf(await sendOnce(request, signal), signal)
      }
      catch (error) {
        const delayMs = request.isRepeatable
          ? retryDelayMs(error, attempt, config.retries)
          : undefined
        if (delayMs === undefined || performance.now() + delayMs >= deadline)
          throw error
        await pause(delayMs, signal)
      }
    }
  }

  /** One attempt; a second one with a renewed credential is still the same attempt. */
  async function sendOnce(request: Outgoing, signal: AbortSignal): Promise<Response> {
    const used = request.isPublic
      ? undefined
      : await config.session.token()
    let response = await fetchOnce(request, used, signal)
    if (response.status === 401 && !request.isPublic && await config.session.renew(exchange, used)) {
      await response.body?.cancel()
      response = await fetchOnce(request, await config.session.token(), signal)
    }
    if (!response.ok && response.status !== request.answer)
      throw await problemOf(response)
    return response
  }

  async function fetchOnce(request: Outgoing, token: string | undefined, signal: AbortSignal): Promise<Response> {
    const headers = new Headers(request.headers)
    if (token !== undefined)
      headers.set('authorization', `Bearer ${token}`)
    const slow = new AbortController()
    const timer = setTimeout(() => slow.abort(), request.attemptMs)
    try {
      return await config.fetch(request.url, {
        method: request.method,
        headers,
        credentials: config.session.credentials,
        redirect: 'error',
        signal: signal
          ? AbortSignal.any([signal, slow.signal])
          : slow.signal,
        ...(request.body === undefined
          ? {}
          : { body: request.body }),
      })
    }
    catch (error) {
      signal.throwIfAborted()
      throw slow.signal.aborted
        ? tooSlow(request)
        : unreachable(absolute(request.url), error)
    }
    finally {
      clearTimeout(timer)
    }
  }

  async function exchange(body: Input<'auth.refresh'>['body']): Promise<Answer<'auth.refresh'>> {
    return await call('auth.refresh', { body })
  }

  function outgoing<Id extends EndpointId>(id: Id, input: Input<Id>, options: SendOptions, accept: string): Outgoing {
    const { method, path, idempotent, isPublic } = routes[id]
    const headers = new Headers({ ...config.headers, accept })
    if (input.body !== undefined)
      headers.set('content-type', 'application/json')
    if (idempotent)
      headers.set('idempotency-key', options.idempotencyKey ?? crypto.randomUUID())
    if (options.ifGeneration !== undefined)
      headers.set('if-match', `"${options.ifGeneration}"`)
    if (options.waitSeconds !== undefined)
      headers.set('prefer', `wait=${options.waitSeconds}`)
    return {
      method,
      url: config.baseUrl + filled(path, input.path) + queryOf({
        ...input.query,
        ...(options.dryRun === undefined
          ? {}
          : { dryRun: options.dryRun }),
      }),
      headers,
      body: input.body === undefined
        ? undefined
        : JSON.stringify(input.body),
      // A PATCH of this API is a merge. With If-Match, a lost answer would make its repetition stale.
      isRepeatable: method === 'GET' || idempotent || (method !== 'POST' && options.ifGeneration === undefined),
      isPublic,
      attemptMs: config.attemptMs + (options.waitSeconds ?? 0) * 1000,
      answer: options.answer,
    }
  }

  async function call<Id extends EndpointId>(id: Id, input: Input<Id>, options: SendOptions = {}): Promise<Answer<Id>> {
    const deadlineMs = options.deadlineMs ?? config.deadlineMs + (options.waitSeconds ?? 0) * 1000
    const timeout = AbortSignal.timeout(deadlineMs)
    try {
      const signal = options.signal
        ? AbortSignal.any([options.signal, timeout])
        : timeout
      // What the contract promises for this endpoint; the server's own tests check it.
      return await sendWithRetries(outgoing(id, input, options, 'application/json'), signal, deadlineMs) as Answer<Id>
    }
    catch (error) {
      if (timeout.aborted && error === timeout.reason)
        throw new DeadlineError(id, deadlineMs)
      throw error
    }
  }

  return {
    call,
    // The server answers a plan to a dry run, and to nothing else.
    change: async (id, input, options) => await call(id, input, options) as never,
    open: (id, input, { signal, headers }) => {
      const request = outgoing(id, input, {}, 'text/event-stream')
      for (const [name, value] of Object.entries(headers))
        request.headers.set(name, value)
      // Whoever follows a stream comes back by itself.
      return sendOnce(request, signal)
    },
  }

  function tooSlow(request: Outgoing): ConnectionError {
    const { origin } = new URL(absolute(request.url))
    return new ConnectionError(origin, `${origin} did not answer in time.`, 'Try again; the server may be busy.')
  }
}

/** The contract says what is in it; here is only made sure that it is the API that answered, and to the end. */
async function jsonOf(response: Response, signal: AbortSignal): Promise<unknown> {
  if (response.status === 204)
    return undefined
  if (!response.headers.get('content-type')?.includes('json'))
    throw notHowdah(response)
  try {
    return await response.json()
  }
  catch (error) {
    signal.throwIfAborted()
    throw unreachable(absolute(response.url), error)
  }
}

function notHowdah(response: Response): ConnectionError {
  return new ConnectionError(response.url, `${response.url} answered something that is not Howdah's API.`, 'Check the address: it must be the one that serves /api.')
}

function filled(path: string, values: Readonly<Record<string, unknown>> | undefined): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values?.[name])))
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value)
      ? value
      : [value]) {
      if (item !== undefined)
        search.append(name, String(item))
    }
  }
  return search.size > 0
    ? `?${search}`
    : ''
}

/** In a browser an address may be relative to the page. */
function absolute(url: string): string {
  const { location } = globalThis as { location?: { href: string } }
  return new URL(url, location?.href).href
}
