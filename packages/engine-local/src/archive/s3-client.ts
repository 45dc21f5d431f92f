import type { Buffer as Bytes } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import type { S3Settings } from './object-store.ts'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import * as http from 'node:http'
import * as https from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { AwsV4Signer } from 'aws4fetch'
import { StoreError } from './store-error.ts'

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  /** Undefined: the bucket. */
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Statuses beside success that the caller understands. */
  readonly also?: readonly number[]
}

export interface S3Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Bytes
}

/**
 * How long it is tried in all before the caller is told. Short: PostgreSQL tries again by itself, and a database whose
 * archive is away shall show it within seconds.
 */
const patienceMs = 4_000
const firstPauseMs = 150
/** Neither connected nor a byte in either direction for so long: the other side is away. */
const silenceMs = 10_000
/** A segment of 16 MB at 150 kB/s. */
const longestMs = 120_000

/** From a quarter of an hour on stores refuse what is signed. */
const mostSkewMs = 14 * 60_000

/** What is said of an object. Under the same status some stores say that they do not know the bucket, or the access key. */
const aboutAnObject = new Set([undefined, 'NoSuchKey', 'PreconditionFailed', 'NotImplemented'])
const aboutTheKey = new Set(['AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'XAdminUserNotFound'])

/** Signed requests to one bucket. The store checks what it receives against the digest that is signed with it. */
export class S3Client {
  readonly #settings: S3Settings
  readonly #base: URL
  readonly #agent: http.Agent

  constructor(settings: S3Settings) {
    this.#settings = settings
    this.#base = new URL(settings.endpoint)
    if (!settings.pathStyle)
      this.#base.hostname = `${settings.bucket}.${this.#base.hostname}`
    const options = { keepAlive: true, maxSockets: 8, timeout: silenceMs }
    this.#agent = this.#base.protocol === 'https:'
      ? new https.Agent({ ...options, ...settings.ca === undefined ? {} : { ca: settings.ca } })
      : new http.Agent(options)
  }

  async request(request: S3Request): Promise<S3Answer> {
    const begun = performance.now()
    for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
      try {
        const answer = await this.#send(request)
        if ((answer.status >= 200 && answer.status < 300) || (request.also?.includes(answer.status) && aboutAnObject.has(codeOf(answer))))
          return answer
        throw this.#refusal(answer)
      }
      catch (error) {
        const failure = error instanceof StoreError ? error : this.#away(error)
        if (!failure.isPassing || performance.now() - begun + pauseMs > patienceMs)
          throw failure
      }
      await delay(pauseMs * (0.5 + Math.random()))
    }
  }

  async #send({ body, headers = {}, key, method, query = {} }: S3Request): Promise<S3Answer> {
    const { accessKeyId, bucket, pathStyle, region, secretAccessKey } = this.#settings
    const url = new URL(this.#base)
    url.pathname = [...pathStyle ? [bucket] : [], ...key === undefined ? [] : [key]].join('/')
    url.search = new URLSearchParams(query).toString().replaceAll('+', '%20')
    const signed = await new AwsV4Signer({
      method,
      url: url.href,
      headers: { ...headers, 'x-amz-content-sha256': createHash('sha256').update(body ?? '').digest('hex') },
      accessKeyId,
      secretAccessKey,
      region,
      service: 's3',
    }).sign()
    const { request } = url.protocol === 'https:' ? https : http
    return await new Promise<S3Answer>((resolve, reject) => {
      const outgoing = request(signed.url, {
        method,
        agent: this.#agent,
        headers: { ...Object.fromEntries(signed.headers), ...body ? { 'content-length': body.length } : {} },
        signal: AbortSignal.timeout(longestMs),
      }, (response) => {
        const chunks: Bytes[] = []
        response.on('data', (chunk: Bytes) => chunks.push(chunk))
        response.once('error', reject)
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }))
      })
      outgoing.once('timeout', () => outgoing.destroy(Object.assign(new Error('nothing was heard of it'), { code: 'ETIMEDOUT' })))
      outgoing.once('error', reject)
      outgoing.end(body)
    })
  }

  /** What the store says no to, in words for whoever has to mend it. */
  #refusal(answer: S3Answer): StoreError {
    const { bucket, endpoint, region } = this.#settings
    const code = codeOf(answer) ?? `status ${answer.status}`
    switch (true) {
      case code === 'NoSuchBucket':
        return new StoreError(`the bucket "${bucket}" is not at ${endpoint}`, { isPassing: false })
      case code === 'RequestTimeTooSkewed' || (answer.status === 403 && Math.abs(skewMs(answer)) > mostSkewMs):
        return new StoreError(`the clock of this machine ${inWords(skewMs(answer))} that of ${endpoint}, which takes no request then: set the clock`, { isPassing: false })
      case code === 'AuthorizationHeaderMalformed' || code === 'PermanentRedirect' || answer.status === 301:
        return new StoreError(`${endpoint} has the bucket "${bucket}" in another region than ${region}`, { isPassing: false })
      case answer.status === 401 || answer.status === 403 || aboutTheKey.has(code):
        return new StoreError(`${endpoint} does not let this access key into the bucket "${bucket}" (${code})`, { isPassing: false })
      default:
        return new StoreError(`${endpoint} answers ${code}`, { isPassing: answer.status >= 500 || answer.status === 429 || answer.status === 408 || answer.status === 409 })
    }
  }

  #away(cause: unknown): StoreError {
    const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'no answer'
    return new StoreError(`${this.#settings.endpoint} cannot be reached (${code})`, { isPassing: true, cause })
  }
}

function codeOf({ body }: S3Answer): string | undefined {
  return /<Code>(\w+)<\/Code>/.exec(body.toString('utf8', 0, 4096))?.[1]
}

/** By how much our clock is ahead of theirs; 0 where they do not say. An answer to HEAD has nothing else that tells. */
function skewMs({ headers: { date } }: S3Answer): number {
  const theirs = Date.parse(date ?? '')
  return Number.isNaN(theirs) ? 0 : Date.now() - theirs
}

function inWords(skew: number): string {
  const minutes = Math.round(Math.abs(skew) / 60_000)
  return minutes === 0 ? 'differs too much from' : `is ${minutes} minutes ${skew > 0 ? 'ahead of' : 'behind'}`
}
