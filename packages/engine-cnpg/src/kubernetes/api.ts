import type { IncomingMessage } from 'node:http'
import type { AgentOptions } from 'node:https'
import type { Access } from './kubeconfig.ts'
import type { KubeObject, Manifest, Resource } from './objects.ts'
import { Buffer } from 'node:buffer'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { text } from 'node:stream/consumers'
import { checkServerIdentity } from 'node:tls'
import { EngineError } from '@howdah/engine'
import { pathOf } from './objects.ts'

/** Owner of the fields that we set. One for everything, so that a second control plane is the same owner. */
const fieldManager = 'howdah'
const answerWithinMs = 30_000
/**
 * Connections for requests that are answered and done; more requests wait. A thousand databases that were found at once ask three things
 * each, and three thousand connections with TLS would take 200 MB that never come back.
 */
const mostConnections = 32

/** The API answered, and said no. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** Kubernetes' own CamelCase word, such as `NotFound` or `Invalid`. */
  readonly reason: string
  /** What was asked for. */
  readonly path: string
  constructor(status: number, { message = `status ${status}`, reason = '' }: Said, path: string) {
    super(message)
    this.status = status
    this.reason = reason
    this.path = path
  }

  /** It is not the object that is not there, but everything of its kind: nobody has defined it. */
  get isKindUnknown(): boolean {
    return this.status === 404 && (this.reason === '' || this.message === 'the server could not find the requested resource')
  }
}

/** A Status object, as far as it is read. */
interface Said { readonly message?: string, readonly reason?: string }

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly contentType?: string
  readonly signal?: AbortSignal
}

interface Place { readonly namespace?: string, readonly name: string }

/** A small client of the Kubernetes API: JSON requests, and streams that stay open. */
export class KubeApi {
  readonly #access: Access
  readonly #agent: Agent | HttpAgent
  /** What stays open, such as a watch or a log that is followed, keeps nobody else from being answered. */
  readonly #streamAgent: Agent | HttpAgent
  readonly #url: URL

  constructor(access: Access) {
    this.#access = access
    this.#url = new URL(access.server)
    const agent = (limits: AgentOptions): Agent | HttpAgent => this.#url.protocol === 'http:'
      ? new HttpAgent({ keepAlive: true, ...limits })
      : new Agent({
          keepAlive: true,
          minVersion: 'TLSv1.2',
          rejectUnauthorized: !access.isInsecure,
          ...access.ca ? { ca: access.ca } : {},
          ...access.serverName ? asServer(access.serverName) : {},
          ...limits,
        })
    this.#agent = agent({ maxSockets: mostConnections })
    this.#streamAgent = agent({})
  }

  close(): void {
    this.#agent.destroy()
    this.#streamAgent.destroy()
  }

  async get<T extends KubeObject>(resource: Resource, place: Place): Promise<T | undefined> {
    try {
      return await this.json<T>(pathOf(resource, place))
    }
    catch (error) {
      if (error instanceof ApiError && error.status === 404)
        return undefined
      throw error
    }
  }

  async list<T extends KubeObject>(resource: Resource, place: { readonly namespace?: string, readonly labels?: string }): Promise<readonly T[]> {
    const { items } = await this.json<{ items: T[] }>(pathOf(resource, place), { query: place.labels === undefined ? {} : { labelSelector: place.labels } })
    return items
  }

  /** Server-side apply. Never forced: what somebody else owns is a conflict, and is said. `uid`: of the object that is changed; it is not made where it is gone. */
  async apply<T extends KubeObject>(resource: Resource, manifest: Manifest, options: { readonly isDryRun?: boolean, readonly as?: string, readonly uid?: string } = {}): Promise<T> {
    return await this.json<T>(pathOf(resource, manifest.metadata), {
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: options.as ?? fieldManager, fieldValidation: 'Strict', ...options.isDryRun ? { dryRun: 'All' } : {} },
      body: options.uid === undefined ? manifest : { ...manifest, metadata: { ...manifest.metadata, uid: options.uid } },
    })
  }

  async create<T extends KubeObject>(resource: Resource, manifest: Manifest): Promise<T> {
    return await this.json<T>(pathOf(resource, { namespace: manifest.metadata.namespace }), { method: 'POST', query: { fieldManager }, body: manifest })
  }

  /** JSON merge patch (RFC 7396). */
  async merge<T extends KubeObject>(resource: Resource, place: Place & { readonly subresource?: 'status' }, patch: unknown, options: { readonly as?: string } = {}): Promise<T> {
    return await this.json<T>(pathOf(resource, place), { method: 'PATCH', contentType: 'application/merge-patch+json', query: { fieldManager: options.as ?? fieldManager }, body: patch })
  }

  /** Of something that is not there, or that came back as another object: nothing. */
  async delete(resource: Resource, place: Place, options: { readonly uid?: string, readonly propagation?: 'Background' | 'Foreground', readonly graceSeconds?: number } = {}): Promise<void> {
    try {
      await this.json(pathOf(resource, place), {
        method: 'DELETE',
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: options.propagation ?? 'Background',
          ...options.graceSeconds === undefined ? {} : { gracePeriodSeconds: options.graceSeconds },
          ...options.uid === undefined ? {} : { preconditions: { uid: options.uid } },
        },
      })
    }
    catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 409))
        return
      throw error
    }
  }

  async json<T>(path: string, request: ApiRequest = {}): Promise<T> {
    const signal = AbortSignal.any([AbortSignal.timeout(answerWithinMs), ...request.signal ? [request.signal] : []])
    const response = await this.#open(path, { ...request, signal }, this.#agent)
    try {
      return JSON.parse(await text(response)) as T // the API's documented shapes
    }
    catch (error) {
      throw away(error)
    }
  }

  /** The open answer to a request that succeeded. Whoever asks for it ends it. */
  async stream(path: string, request: ApiRequest = {}): Promise<IncomingMessage> {
    return await this.#open(path, request, this.#streamAgent)
  }

  async #open(path: string, request: ApiRequest, agent: Agent | HttpAgent): Promise<IncomingMessage> {
    const { body, contentType = 'application/json', method = 'GET', query = {}, signal } = request
    const url = new URL(this.#url.pathname.replace(/\/$/, '') + path, this.#url)
    for (const [name, value] of Object.entries(query))
      url.searchParams.set(name, value)
    const { cert, key, token } = await this.#access.credential()
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const answered = Promise.withResolvers<IncomingMessage>()
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest
    const outgoing = send(url, {
      method,
      agent,
      headers: {
        'accept': 'application/json',
        'user-agent': 'howdah',
        // Said by us: Node sends the body of a DELETE without its length otherwise, and the next request is garbled.
        ...payload === undefined ? {} : { 'content-type': contentType, 'content-length': String(Buffer.byteLength(payload)) },
        ...token === undefined ? {} : { authorization: `Bearer ${token}` },
      },
      ...signal ? { signal } : {},
      ...cert && key ? { cert, key } : {},
    }, answered.resolve)
    outgoing.on('error', answered.reject)
    outgoing.end(payload)
    let response: IncomingMessage
    try {
      response = await answered.promise
    }
    catch (error) {
      throw away(error)
    }
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300)
      return response
    throw await refusal(status, response, path)
  }
}

/** The name to ask for and to find in the certificate. An address cannot be asked for (RFC 6066), but it can be found. */
function asServer(name: string): AgentOptions {
  return isIP(name) === 0
    ? { servername: name }
    : { servername: '', checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate) }
}

async function refusal(status: number, response: IncomingMessage, path: string): Promise<ApiError | EngineError> {
  let said: Said = {}
  try {
    said = JSON.parse(await text(response)) as Said // the API's documented shape
  }
  catch (error) {
    if (!(error instanceof SyntaxError))
      throw away(error)
    // A proxy in between answered in its own words; the status says enough.
  }
  if (status === 401)
    return new EngineError('unavailable', 'The cluster does not accept the credentials of this location.')
  if (status === 429 || (status >= 500 && !isWebhook(said.message)))
    return new EngineError('unavailable', `The cluster's API cannot answer now (${status}).`, { cause: said.message })
  return new ApiError(status, said, path)
}

/** A webhook that is down answers 500 with its own sentence, which is worth telling. */
function isWebhook(message: string | undefined): boolean {
  return message?.includes('failed calling webhook') ?? false
}

function away(error: unknown): Error {
  return new EngineError('unavailable', 'The cluster\'s API cannot be reached now; try again.', { cause: error })
}
