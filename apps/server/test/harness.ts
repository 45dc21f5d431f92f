import type { Role } from '@howdah/contract'
import type { Engine } from '@howdah/engine'
import type { TemporaryDatabase, TemporaryPostgres } from '@howdah/testkit'
import type { FastifyInstance, InjectOptions } from 'fastify'
import type { PoolConfig } from 'pg'
import type { Access } from '../src/domain/access.ts'
import type { Domain } from '../src/domain/domain.ts'
import type { Services } from '../src/http/services.ts'
import type { Listener } from '../src/store/listener.ts'
import { randomBytes, randomUUID } from 'node:crypto'
import { temporaryPostgres } from '@howdah/testkit'
import { createAccess } from '../src/domain/access.ts'
import { prepareInstallation } from '../src/domain/installation.ts'
import { createPasswords } from '../src/domain/passwords.ts'
import { createSecretBox } from '../src/domain/sealed.ts'
import { createSystemState } from '../src/domain/system-state.ts'
import { createApp } from '../src/http/app.ts'
import { createAuthenticate } from '../src/http/plugins/authenticate.ts'
import { databaseReader } from '../src/store/database-reader.ts'
import { isStoreUnavailable, openStore } from '../src/store/db.ts'
import { listen } from '../src/store/listener.ts'
import { migrate } from '../src/store/migrate.ts'
import { createLog } from '../src/telemetry/log.ts'
import { createMetrics } from '../src/telemetry/metrics.ts'
import { checkAnswer } from './contract-check.ts'

export const admin = { email: 'admin@localhost', password: 'correct horse battery' }

export interface HarnessOptions {
  /** Location → engine; the first one is the default. Default: no locations. */
  readonly engines?: ReadonlyMap<string, Engine>
  readonly publicUrl?: string
  /** Another process on the store of this harness: same secret key, own caches. */
  readonly beside?: Harness
  /** Clock by which guessing is slowed down; default: it stands still, so that no test depends on how fast it runs. */
  readonly now?: () => number
  /** Called after a commit that queued work. */
  readonly wake?: () => void
  /** Another way to the store than straight to it, such as through a proxy that the test can cut. */
  readonly way?: Pick<PoolConfig, 'host' | 'port'>
  /** See Services.heartbeatMs. */
  readonly heartbeatMs?: number
  /** As a process that is a worker only. */
  readonly isHealthOnly?: boolean
}

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT'
  readonly url: string
  readonly token?: string
  /** Sent as JSON, unless it is a text: that is sent as it is. */
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export interface Answer<T> {
  readonly status: number
  readonly headers: Record<string, string | string[] | number | undefined>
  readonly text: string
  /** Parsed, where it is JSON. Its type is what the test says: every answer was checked against the contract's schema. */
  readonly body: T
}

export interface Person { readonly token: string, readonly id: string, readonly email: string, readonly password: string, readonly project: { id: string, name: string }, readonly sessionId: string }

export interface Harness {
  readonly app: FastifyInstance
  readonly domain: Domain
  readonly services: Services
  readonly access: Access
  readonly listener: Listener
  readonly database: TemporaryDatabase
  readonly key: string
  /** Ask, and hold the answer to the contract. */

  readonly inject: <T = any>(request: Request) => Promise<Answer<T>>
  /** A person with a session. The project is made when there is none of the name; without a role the person is no member. */
  readonly person: (options?: { role?: Role | undefined, project?: string, isOperator?: boolean, password?: string }) => Promise<Person>
  /** The same, when only the token matters. */
  readonly tokenFor: (options?: { role?: Role, project?: string, isOperator?: boolean }) => Promise<string>
  /** Begin to drain. */
  readonly drain: () => void
  readonly close: () => Promise<void>
}

let shared: Promise<{ postgres: TemporaryPostgres, template: TemporaryDatabase }> | undefined
let open = 0

/** One migrated template for all harnesses of the test file; gone with the last one. */
async function template(): Promise<{ postgres: TemporaryPostgres, template: TemporaryDatabase }> {
  open++
  shared ??= (async () => {
    const postgres = await temporaryPostgres()
    const template = await postgres.createTemplate(async ({ connection }) => {
      const store = openStore(connection, 2, () => {})
      await migrate(store.pool)
      await store.close()
    })
    return { postgres, template }
  })()
  return await shared
}

/** The server without its listener, on a store of its own. Unexpected errors fail the request that met them. */
export async function createHarness(options: HarnessOptions = {}): Promise<Harness> {
  const { postgres, template: source } = await template()
  const database = options.beside?.database ?? await postgres.createDatabase(source)
  const key = options.beside?.key ?? randomBytes(32).toString('base64')
  const log = createLog('silent', 'json')
  const bugs: unknown[] = []
  // A test may cut connections; whatever else goes wrong on them is a bug.
  const broken = (error: unknown): void => void (isStoreUnavailable(error) || bugs.push(error))
  const connection = { ...database.connection, ...options.way }
  const store = openStore(connection, 5, broken)
  const domain: Domain = {
    id: randomUUID(),
    store,
    box: createSecretBox([key]),
    readDatabase: databaseReader(store.pool),
    engines: options.engines ?? new Map<string, Engine>(),
    log,
    caFile: location => `/ca/${location}.crt`,
    wake: options.wake ?? (() => {}),
  }
  const passwords = createPasswords()
  const installation = await prepareInstallation(domain, passwords, admin)
  const listener = await listen(connection, broken)
  const access = createAccess(domain, { installationId: installation.id, passwords, news: listener, now: options.now ?? (() => 0) })
  const metrics = createMetrics()
  const draining = new AbortController()
  const publicUrl = options.publicUrl ?? 'http://howdah.test'
  const services: Services = {
    authenticate: createAuthenticate(access, () => publicUrl),
    access,
    hub: listener,
    metrics,
    system: createSystemState(domain, metrics),
    version: '0.0.0-test',
    publicUrl: () => publicUrl,
    draining: draining.signal,
    ...options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs },
  }
  const app = await createApp({
    domain,
    services,
    trustProxy: true,
    ...options.isHealthOnly === undefined ? {} : { isHealthOnly: options.isHealthOnly },
    onBug: error => bugs.push(error),
  })

  async function inject<T>({ method = 'GET', url, token, body, headers = {} }: Request): Promise<Answer<T>> {
    const request: InjectOptions = {
      method,
      url,
      headers: {
        ...token === undefined
          ? {}
          : { authorization: `Bearer ${token}` },
        ...body === undefined
          ? {}
          : { 'content-type': 'application/json' },
        ...headers,
      },
      ...body === undefined
        ? {}
        : {
            payload: typeof body === 'string'
              ? body
              : JSON.stringify(body),
          },
    }
    const response = await app.inject(request)
    if (bugs.length > 0)
      throw new Error(`${method} ${url} met an error that no code expects`, { cause: bugs.splice(0)[0] })
    const type = String(response.headers['content-type'] ?? '')
    checkAnswer(method, url, { status: response.statusCode, type, text: response.body })
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      body: (/^application\/(?:problem\+)?json/.test(type)
        ? JSON.parse(response.body)
        : undefined) as T,
    }
  }

  async function person({ role, project: projectName = 'default', isOperator = false, password }: { role?: Role | undefined, project?: string, isOperator?: boolean, password?: string } = {}): Promise<Person> {
    const { db } = store
    const id = randomUUID()
    const sessionId = randomUUID()
    const email = `${role ?? 'nobody'}-${id.slice(0, 8)}@example.org`
    await db.insertInto('projects').values({
      id: randomUUID(),
      name: projectName,
    }).onConflict(conflict => conflict.column('name').doNothing()).execute()
    const project = await db.selectFrom('projects').select(['id', 'name']).where('name', '=', projectName).executeTakeFirstOrThrow()
    await db.insertInto('people').values({
      id,
      email,
      name: email,
      // Hashing costs 40 ms: only for those who sign in.
      password_hash: password === undefined
        ? 'none'
        : await passwords.hash(password),
      is_operator: isOperator,
      last_project_id: project.id,
    }).execute()
    if (role)
      await db.insertInto('members').values({ project_id: project.id, person_id: id, role }).execute()
    await db.insertInto('sessions').values({
      id: sessionId,
      person_id: id,
      project_id: project.id,
      expires_at: new Date(Date.now() + 3_600_000),
    }).execute()
    const { token } = await access.tokens.issue({ personId: id, sessionId, projectId: project.id })
    return {
      token,
      id,
      email,
      password: password ?? '',
      project,
      sessionId,
    }
  }

  return {
    app,
    domain,
    services,
    access,
    listener,
    database,
    key,
    inject,
    person,
    tokenFor: async (options = {}) => (await person({ role: 'admin', ...options })).token,
    drain: () => draining.abort(),
    async close() {
      await app.close()
      await access.close()
      await listener.close()
      await store.close()
      open--
      if (open === 0) {
        shared = undefined
        await postgres.close()
      }
      if (bugs.length > 0)
        throw new Error('An error that no code expects came up after the last request', { cause: bugs[0] })
    },
  }
}
