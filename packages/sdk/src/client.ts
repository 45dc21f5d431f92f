import type { ApiKeys, Members, People, Projects } from './resources/access.ts'
import type { Auth } from './resources/auth.ts'
import type { Backups, RestorePoints } from './resources/backups.ts'
import type { Databases } from './resources/databases.ts'
import type { Dbs } from './resources/dbs.ts'
import type { Audit, Events } from './resources/history.ts'
import type { Operations } from './resources/operations.ts'
import type { System } from './resources/system.ts'
import type { Users } from './resources/users.ts'
import type { RetryPolicy } from './retry.ts'
import type { SessionProvider } from './session.ts'
import { createEventHub } from './event-hub.ts'
import { apiKeys, members, people, projects } from './resources/access.ts'
import { auth } from './resources/auth.ts'
import { backups, restorePoints } from './resources/backups.ts'
import { databases } from './resources/databases.ts'
import { dbs } from './resources/dbs.ts'
import { audit, events } from './resources/history.ts'
import { operations } from './resources/operations.ts'
import { system } from './resources/system.ts'
import { users } from './resources/users.ts'
import { defaultRetryPolicy } from './retry.ts'
import { anonymous, fixedToken } from './session.ts'
import { createTransport } from './transport.ts'

/** How a client speaks to its server. One of `apiKey`, `token` and `session`, or none for what is public. */
export interface ClientOptions {
  /** Such as `https://howdah.example.org`. In a browser it may be left out: the page's own origin. */
  readonly baseUrl?: string
  /** An API key of a project. */
  readonly apiKey?: string
  /** A token of `auth.login`. It ends soon and is not renewed; `session` renews. */
  readonly token?: string
  /** `tokenSession(…)` for programs, `cookieSession()` for browsers, or an own provider. */
  readonly session?: SessionProvider
  /** Default: the runtime's */
  readonly fetch?: typeof globalThis.fetch
  /** False: nothing is repeated. */
  readonly retries?: Partial<RetryPolicy> | false
  /** Most time for a call with all its retries. Default: 60 s */
  readonly deadlineMs?: number
  /** Most time for the answer to one attempt. Default: 30 s */
  readonly attemptMs?: number
  /** For every request, such as `user-agent`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The API, one property per resource. A credential is for one project, so nothing here names one. */
export interface HowdahClient {
  readonly auth: Auth
  readonly databases: Databases
  readonly users: Users
  readonly dbs: Dbs
  readonly backups: Backups
  readonly restorePoints: RestorePoints
  readonly operations: Operations
  readonly events: Events
  readonly audit: Audit
  readonly projects: Projects
  readonly members: Members
  readonly apiKeys: ApiKeys
  readonly people: People
  readonly system: System
}

/** Make a client. Nothing is sent before something is asked. */
export function createClient(options: ClientOptions = {}): HowdahClient {
  const transport = createTransport({
    baseUrl: (options.baseUrl ?? '').replace(/\/+$/, ''),
    session: sessionOf(options),
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    retries: options.retries === false
      ? { ...defaultRetryPolicy, most: 0 }
      : {
          ...defaultRetryPolicy,
          ...options.retries,
        },
    deadlineMs: options.deadlineMs ?? 60_000,
    attemptMs: options.attemptMs ?? 30_000,
    headers: options.headers ?? {},
  })
  const hub = createEventHub(transport)
  return {
    auth: auth(transport),
    databases: databases(transport, hub),
    users: users(transport),
    dbs: dbs(transport),
    backups: backups(transport),
    restorePoints: restorePoints(transport),
    operations: operations(transport, hub),
    events: events(transport),
    audit: audit(transport),
    projects: projects(transport),
    members: members(transport),
    apiKeys: apiKeys(transport),
    people: people(transport),
    system: system(transport),
  }
}

function sessionOf({ apiKey, token, session }: ClientOptions): SessionProvider {
  const given = [apiKey, token, session].filter(value => value !== undefined)
  if (given.length > 1)
    throw new TypeError('Give one of apiKey, token and session')
  return session ?? (given.length === 1
    ? fixedToken(String(given[0]))
    : anonymous())
}
