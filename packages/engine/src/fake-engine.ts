import type { Capabilities } from './capabilities.ts'
import type { Engine } from './engine.ts'
import type { LogPage, LogQuery, LogRecord } from './logs.ts'
import type { EnginePhase, Notification, Observed, ServiceEvent } from './observed.ts'
import type { Plan, Progress, Refusal } from './plan.ts'
import type { ExtensionObserved, LogicalDatabaseObserved, LogicalDatabaseSpec, ParameterObserved, RoleObserved, RoleSpec } from './resources.ts'
import type { DatabaseRef, DatabaseSpec } from './spec.ts'
import { EngineError } from './errors.ts'
import { fakeCapabilities, fakeExtensions, fakeParameters } from './fake-catalogue.ts'
import { logSeverities } from './logs.ts'

/** Names of databases with a fate, for tests of whatever drives the engine. */
export const sentinels = {
  /** Its server never starts: `ensure` fails. */
  failProvision: 'fail-provision',
  /** Stays `provisioning` until `FakeEngine.release` is called. */
  slowReady: 'slow-ready',
} as const

interface FakeDatabase {
  readonly ref: DatabaseRef
  readonly port: number
  phase: EnginePhase
  reason: string
  message: string
  since: Date
  spec: DatabaseSpec | undefined
  generation: number
  isLoginProven: boolean
  isReleased: boolean
  restarts: number
  readonly roles: Map<string, RoleSpec>
  readonly logicalDatabases: Map<string, LogicalDatabaseSpec>
  readonly log: LogRecord[]
}

/** What outlives an engine object: give the same world to a second engine to see it adopt. */
export class FakeWorld {
  readonly databases = new Map<string, FakeDatabase>()
  nextPort = 40_000
}

export interface FakeEngineOptions {
  readonly world?: FakeWorld
  readonly capabilities?: Partial<Capabilities>
  /** Clock of everything that carries a time. */
  readonly now?: () => Date
}

/**
 * An engine in memory: same promises, no PostgreSQL. Deterministic; nothing happens by itself, so a test decides
 * when a server dies (`crash`), comes back (`recover`), or says something in its log (`writeLog`).
 */
export class FakeEngine implements Engine {
  readonly #world: FakeWorld
  readonly #capabilities: Capabilities
  readonly #now: () => Date
  readonly #listeners = new Set<(notification: Notification) => void>()
  readonly #followers = new Set<(ref: DatabaseRef, record: LogRecord | undefined) => void>()
  #isOpen = false
  #outage: string | undefined

  constructor(options: FakeEngineOptions = {}) {
    this.#world = options.world ?? new FakeWorld()
    this.#capabilities = {
      ...fakeCapabilities,
      ...options.capabilities,
    }
    this.#now = options.now ?? (() => new Date())
  }

  // What tests do to it

  /** From now on every call fails with `unavailable`; undefined ends it. */
  setOutage(reason: string | undefined): void {
    this.#outage = reason
  }

  /** Let a `slow-ready` database become ready with the next `ensure`. */
  release(id: string): void {
    this.#get({ id, name: id, project: '' }).isReleased = true
  }

  /** The server ends by itself. It stays `restarting` until `recover`. */
  crash(id: string): void {
    const db = this.#get({ id, name: id, project: '' })
    db.isLoginProven = false
    this.#setPhase(db, 'restarting', 'PostmasterExited', 'The server ended unexpectedly and is being started again.')
    this.#event(db, 'instance.exited', 'warning', 'The server ended unexpectedly.')
  }

  /** The server is back. */
  recover(id: string): void {
    const db = this.#get({ id, name: id, project: '' })
    db.restarts++
    this.#event(db, 'instance.restarted', 'info', 'The server is back.')
    this.#setPhase(db, 'ready')
  }

  writeLog(id: string, record: Partial<LogRecord>): void {
    this.#write(this.#get({ id, name: id, project: '' }), record)
  }

  // The port

  async open(): Promise<void> {
    this.#isOpen = true
  }

  async close(): Promise<void> {
    this.#isOpen = false
  }

  async check(): Promise<void> {
    if (!this.#isOpen)
      throw new EngineError('unavailable', 'The engine is not open.')
    if (this.#outage !== undefined)
      throw new EngineError('unavailable', this.#outage)
  }

  async capabilities(): Promise<Capabilities> {
    await this.check()
    return this.#capabilities
  }

  async plan(spec: DatabaseSpec): Promise<Plan> {
    await this.check()
    const db = this.#world.databases.get(spec.id)
    const refusals = this.#refusals(spec, db?.spec)
    const steps = refusals.length > 0
      ? []
      : this.#steps(spec, db)
    const restart = db?.spec !== undefined && (steps.includes('restart') || steps.includes('stop'))
    return {
      steps,
      interruption: restart
        ? 'restart'
        : steps.includes('reload')
          ? 'reload'
          : 'none',
      reasons: restart
        ? ['The server is restarted or stopped.']
        : [],
      refusals,
    }
  }

  async ensure(spec: DatabaseSpec): Promise<Progress> {
    await this.check()
    const db = this.#world.databases.get(spec.id)
    const [step] = this.#steps(spec, db)
    if (step === undefined)
      return { outcome: 'done' }
    if (db === undefined) {
      this.#create(spec)
      return { outcome: 'continue', step }
    }
    return this.#advance(db, spec, step)
  }

  async destroy(ref: DatabaseRef): Promise<Progress> {
    await this.check()
    if (this.#world.databases.delete(ref.id)) {
      this.#emit({ kind: 'gone', ref })
      for (const follower of this.#followers)
        follower(ref, undefined)
    }
    return { outcome: 'done' }
  }

  async observe(ref: DatabaseRef): Promise<Observed | undefined> {
    await this.check()
    const db = this.#world.databases.get(ref.id)
    return db && this.#observed(db)
  }

  async list(): Promise<readonly Observed[]> {
    await this.check()
    return [
      ...this.#world.databases.values(),
    ].map(db => this.#observed(db))
  }

  watch(listener: (notification: Notification) => void): () => void {
    this.#listeners.add(listener)
    for (const db of this.#world.databases.values()) {
      listener({
        kind: 'observed',
        observed: this.#observed(db),
      })
    }
    return () => this.#listeners.delete(listener)
  }

  async roles(ref: DatabaseRef): Promise<readonly RoleObserved[]> {
    const db = await this.#running(ref)
    return [
      ...db.roles.values(),
    ].map(role => ({
      name: role.name,
      connectionLimit: role.connectionLimit,
      sessions: 0,
      ownedDatabases: [
        ...db.logicalDatabases.values(),
      ].filter(({ owner }) => owner === role.name).map(({ name }) => name),
    }))
  }

  async ensureRole(ref: DatabaseRef, role: RoleSpec): Promise<void> {
    const db = await this.#running(ref)
    refuseName(role.name)
    if (role.name === db.spec?.owner.user)
      throw new EngineError('conflict', `"${role.name}" is the owner of the database.`, { pointer: '/name' })
    db.roles.set(role.name, role)
  }

  async dropRole(ref: DatabaseRef, name: string): Promise<void> {
    const db = await this.#running(ref)
    refuseName(name)
    const owner = db.spec?.owner.user ?? ''
    if (name === owner)
      throw new EngineError('conflict', `"${name}" owns the database.`, { pointer: '/name' })
    db.roles.delete(name)
    for (const logical of db.logicalDatabases.values()) {
      if (logical.owner === name)
        db.logicalDatabases.set(logical.name, { ...logical, owner })
    }
  }

  async logicalDatabases(ref: DatabaseRef): Promise<readonly LogicalDatabaseObserved[]> {
    const db = await this.#running(ref)
    return [
      ...db.logicalDatabases.values(),
    ].map(logical => ({ ...logical, sizeBytes: 7_500_000, sessions: 0 }))
  }

  async ensureLogicalDatabase(ref: DatabaseRef, database: LogicalDatabaseSpec): Promise<void> {
    const db = await this.#running(ref)
    refuseName(database.name)
    if (!db.roles.has(database.owner))
      throw new EngineError('not-found', `There is no user "${database.owner}" in this database.`, { pointer: '/owner' })
    db.logicalDatabases.set(database.name, database)
  }

  async dropLogicalDatabase(ref: DatabaseRef, name: string): Promise<void> {
    const db = await this.#running(ref)
    refuseName(name)
    if (name === db.spec?.database)
      throw new EngineError('conflict', `"${name}" is the first logical database.`, { pointer: '/name' })
    db.logicalDatabases.delete(name)
  }

  async extensions(ref: DatabaseRef): Promise<readonly ExtensionObserved[]> {
    const db = await this.#running(ref)
    const on = withRequired(db.spec?.extensions ?? [])
    return fakeExtensions.map(extension => ({
      ...extension,
      installedVersion: on.has(extension.name)
        ? extension.defaultVersion
        : null,
    }))
  }

  async parameters(ref: DatabaseRef): Promise<readonly ParameterObserved[]> {
    const db = await this.#running(ref)
    const set = db.spec?.parameters ?? {}
    return fakeParameters.map(parameter => ({
      ...parameter,
      value: set[parameter.name] ?? parameter.default,
      isChanged: Object.hasOwn(set, parameter.name),
      pendingRestart: false,
    }))
  }

  async logs(ref: DatabaseRef, query: LogQuery): Promise<LogPage> {
    await this.check()
    const newestFirst = this.#get(ref).log.map((record, index) => ({ record, index })).reverse()
    const before = query.cursor === undefined
      ? Number.POSITIVE_INFINITY
      : Number(query.cursor)
    if (Number.isNaN(before))
      throw new EngineError('invalid', 'This cursor is not from an earlier page of this log.', { pointer: '/cursor' })
    const found = newestFirst.filter(({ record, index }) => index < before
      && (!query.from || record.at >= query.from) && (!query.to || record.at <= query.to) && matches(record, query))
    const page = found.slice(0, query.limit)
    return {
      records: page.map(({ record }) => record),
      nextCursor: found.length > page.length
        ? String(page.at(-1)?.index)
        : null,
    }
  }

  async* followLogs(ref: DatabaseRef, query: Pick<LogQuery, 'severity' | 'contains'>, signal: AbortSignal): AsyncGenerator<LogRecord> {
    await this.check()
    const { id } = this.#get(ref).ref
    const waiting: LogRecord[] = []
    const gone = new AbortController()
    let wake = Promise.withResolvers<void>()
    const follower = (of: DatabaseRef, record: LogRecord | undefined): void => {
      if (of.id !== id)
        return
      if (record === undefined)
        gone.abort()
      else if (matches(record, query))
        waiting.push(record)
      wake.resolve()
    }
    const abort = (): void => wake.resolve()
    this.#followers.add(follower)
    signal.addEventListener('abort', abort)
    try {
      while (!signal.aborted && !gone.signal.aborted) {
        const next = waiting.shift()
        if (next) {
          yield next
          continue
        }
        await wake.promise
        wake = Promise.withResolvers()
      }
    }
    finally {
      this.#followers.delete(follower)
      signal.removeEventListener('abort', abort)
    }
  }

  // How it works

  #steps(spec: DatabaseSpec, db: FakeDatabase | undefined): string[] {
    if (!db) {
      return [
        'claim',
        'start',
        'configure',
        ...spec.extensions.length > 0
          ? ['extensions']
          : [],
        'login',
        ...spec.hibernated
          ? ['stop']
          : [],
      ]
    }
    if (!db.spec) {
      return [
        ...db.phase === 'provisioning' && db.restarts === 0
          ? ['start']
          : [],
        'configure',
        'login',
        ...spec.hibernated
          ? ['stop']
          : [],
      ]
    }
    const before = db.spec
    if (spec.hibernated) {
      return db.phase === 'hibernated'
        ? (db.generation === spec.generation
            ? []
            : ['stop'])
        : ['stop']
    }
    const changed = names(before.parameters, spec.parameters).filter(name => before.parameters[name] !== spec.parameters[name])
    const needsRestart = before.memoryMib !== spec.memoryMib || before.restartToken !== spec.restartToken
      || changed.some(name => fakeParameters.find(parameter => parameter.name === name)?.needsRestart)
    const steps: string[] = []
    if (db.phase === 'hibernated')
      steps.push('start')
    else if (needsRestart)
      steps.push('restart')
    else if (changed.length > 0 || before.allowedCidrs.join() !== spec.allowedCidrs.join())
      steps.push('reload')
    if (before.owner.password !== spec.owner.password)
      steps.push('credentials')
    if ([...before.extensions].sort().join() !== [...spec.extensions].sort().join())
      steps.push('extensions')
    if (steps.length > 0 || !db.isLoginProven || db.generation !== spec.generation)
      steps.push('login')
    return steps
  }

  #advance(db: FakeDatabase, spec: DatabaseSpec, step: string): Progress {
    switch (step) {
      case 'start':
        if (spec.name === sentinels.failProvision) {
          const message = 'The server does not start, as its name says.'
          this.#setPhase(db, 'failed', 'StartFailed', message)
          return {
            outcome: 'failed',
            step,
            reason: 'StartFailed',
            message,
            nextStep: 'Delete the database and create it under another name.',
          }
        }
        db.restarts++
        this.#write(db, { message: 'database system is ready to accept connections' })
        if (db.spec)
          this.#setPhase(db, 'restarting', 'Starting', 'The server starts.')
        break
      case 'configure':
        db.spec = spec
        db.roles.set(spec.owner.user, { name: spec.owner.user, access: 'owner', connectionLimit: -1 })
        db.logicalDatabases.set(spec.database, { name: spec.database, owner: spec.owner.user })
        break
      case 'restart':
        db.restarts++
        this.#setPhase(db, 'restarting', 'RestartRequested', 'The server is restarted as asked.')
        this.#write(db, { message: 'database system is ready to accept connections' })
        db.spec = spec
        break
      case 'stop':
        db.spec = spec
        db.generation = spec.generation
        db.isLoginProven = false
        this.#setPhase(db, 'hibernated')
        break
      case 'login':
        if (spec.name === sentinels.slowReady && !db.isReleased) {
          return {
            outcome: 'wait',
            step,
            afterMs: 10,
            reason: 'The server takes its time, as its name says.',
          }
        }
        if (db.reason === 'PostmasterExited') {
          return {
            outcome: 'wait',
            step,
            afterMs: 10,
            reason: db.message,
          }
        }
        db.spec = spec
        db.isLoginProven = true
        db.generation = spec.generation
        this.#setPhase(db, 'ready')
        return { outcome: 'done' }
      default:
        db.spec = {
          ...db.spec ?? spec,
          ...partOf(spec, step),
        }
    }
    return { outcome: 'continue', step }
  }

  #create(spec: DatabaseSpec): void {
    const { id, project, name } = spec
    const db: FakeDatabase = {
      ref: { id, project, name },
      port: this.#world.nextPort++,
      phase: 'provisioning',
      reason: '',
      message: '',
      since: this.#now(),
      spec: undefined,
      generation: 0,
      isLoginProven: false,
      isReleased: false,
      restarts: 0,
      roles: new Map(),
      logicalDatabases: new Map(),
      log: [],
    }
    this.#world.databases.set(id, db)
    this.#emit({
      kind: 'observed',
      observed: this.#observed(db),
    })
  }

  #refusals(spec: DatabaseSpec, before: DatabaseSpec | undefined): Refusal[] {
    const { cpu, durability, maxInstances, memory, storage, versions } = this.#capabilities
    const refusals: Refusal[] = []
    const refuse = (isRefused: boolean, pointer: string, detail: string): void => {
      if (isRefused)
        refusals.push({ pointer, detail })
    }
    const isOutside = (value: number, min: number, max: number): boolean => !(value >= min && value <= max)
    refuse(!versions.some(({ major }) => major === spec.version), '/version', `PostgreSQL ${spec.version} is not here.`)
    refuse(before !== undefined && before.version !== spec.version, '/version', 'A database stays on its major version.')
    refuse(isOutside(spec.instances, 1, maxInstances), '/instances', `It is between 1 and ${maxInstances}.`)
    refuse(!durability.includes(spec.durability), '/durability', `It is one of ${durability.join(', ')}.`)
    refuse(spec.durability === 'sync' && spec.instances < 2, '/durability', 'Synchronous durability needs a replica.')
    refuse(isOutside(spec.storageGib, storage.minGib, storage.maxGib), '/storageGib', `It is between ${storage.minGib} and ${storage.maxGib}.`)
    refuse(before !== undefined && spec.storageGib < before.storageGib, '/storageGib', 'Storage never shrinks.')
    refuse(isOutside(spec.memoryMib, memory.minMib, memory.maxMib), '/memoryMib', `It is between ${memory.minMib} and ${memory.maxMib}.`)
    refuse(isOutside(spec.cpu, cpu.min, cpu.max), '/cpu', `It is between ${cpu.min} and ${cpu.max}.`)
    refuse(isReserved(spec.owner.user), '/owner/user', `"${spec.owner.user}" is reserved.`)
    refuse(isReserved(spec.database), '/database', `"${spec.database}" is reserved.`)
    for (const [index, cidr] of spec.allowedCidrs.entries())
      refuse(!/^[\d.a-f:]+\/\d{1,3}$/i.test(cidr), `/allowedCidrs/${index}`, `"${cidr}" is not a network.`)
    for (const [index, name] of spec.extensions.entries())
      refuse(!fakeExtensions.some(extension => extension.name === name), `/extensions/${index}`, `There is no extension "${name}" here.`)
    for (const [name, value] of Object.entries(spec.parameters))
      refuse(!isValidParameter(name, value), `/parameters/${name}`, `"${value}" is no value that ${name} can have here.`)
    return refusals
  }

  #observed(db: FakeDatabase): Observed {
    const isUp = db.phase === 'ready' || db.phase === 'degraded'
    const primary = {
      name: `${db.ref.name}-1`,
      role: 'primary',
      phase: isUp
        ? 'ready'
        : db.phase === 'hibernated'
          ? 'stopped'
          : db.phase === 'failed'
            ? 'failed'
            : 'starting',
      lagBytes: null,
    } as const
    const version = this.#capabilities.versions.find(({ major }) => major === db.spec?.version)
    return {
      ref: db.ref,
      phase: db.phase,
      reason: db.reason,
      message: db.message,
      since: db.since,
      members: [primary],
      endpoint: { host: '127.0.0.1', port: db.port, caCertificate: '-----BEGIN CERTIFICATE-----\nZmFrZQ==\n-----END CERTIFICATE-----\n' },
      serverVersion: db.generation > 0
        ? version?.version
        : undefined,
      storageUsedBytes: db.generation > 0
        ? 40_000_000
        : undefined,
      connections: isUp ? 0 : undefined,
      generation: db.generation,
      pendingRestart: [],
      managedBy: 'howdah',
    }
  }

  #setPhase(db: FakeDatabase, phase: EnginePhase, reason = '', message = ''): void {
    if (db.phase !== phase)
      db.since = this.#now()
    Object.assign(db, { phase, reason, message })
    this.#emit({
      kind: 'observed',
      observed: this.#observed(db),
    })
  }

  #event(db: FakeDatabase, type: string, severity: ServiceEvent['severity'], message: string): void {
    this.#emit({
      kind: 'event',
      event: {
        ref: db.ref,
        at: this.#now(),
        type,
        severity,
        message,
        details: {},
      },
    })
  }

  #emit(notification: Notification): void {
    for (const listener of this.#listeners)
      listener(notification)
  }

  #write(db: FakeDatabase, record: Partial<LogRecord>): void {
    const whole: LogRecord = {
      at: this.#now(),
      severity: 'LOG',
      member: '1',
      message: '',
      user: null,
      database: null,
      pid: 1,
      application: null,
      remoteHost: null,
      sqlState: null,
      statement: null,
      detail: null,
      hint: null,
      backendType: 'postmaster',
      ...record,
    }
    db.log.push(whole)
    for (const follower of this.#followers)
      follower(db.ref, whole)
  }

  async #running(ref: DatabaseRef): Promise<FakeDatabase> {
    await this.check()
    const db = this.#get(ref)
    if (!db.spec || db.phase === 'hibernated' || db.reason === 'PostmasterExited')
      throw new EngineError('unavailable', 'The server does not answer now; try again.')
    return db
  }

  #get(ref: DatabaseRef): FakeDatabase {
    const db = this.#world.databases.get(ref.id)
    if (!db)
      throw new EngineError('not-found', `There is no database "${ref.name}" here.`)
    return db
  }
}

function partOf(spec: DatabaseSpec, step: string): Partial<DatabaseSpec> {
  switch (step) {
    case 'credentials': return { owner: spec.owner }
    case 'extensions': return { extensions: spec.extensions }
    default: return { parameters: spec.parameters, allowedCidrs: spec.allowedCidrs }
  }
}

function isValidParameter(name: string, value: string): boolean {
  const parameter = fakeParameters.find(candidate => candidate.name === name)
  if (parameter?.type === 'enum')
    return parameter.enumValues?.includes(value) ?? false
  const [, digits, unit = ''] = /^(\d+)(kB|MB|GB)?$/.exec(value) ?? []
  if (!parameter || digits === undefined || (unit !== '' && parameter.unit === null))
    return false
  const number = Number(digits) * ({ MB: 1024, GB: 1024 ** 2 }[unit] ?? 1)
  return number >= (parameter.min ?? 0) && number <= (parameter.max ?? Number.POSITIVE_INFINITY)
}

function withRequired(on: readonly string[]): Set<string> {
  return new Set(on.flatMap(name => [
    name,
    ...fakeExtensions.find(extension => extension.name === name)?.requires ?? [],
  ]))
}

function names(...objects: readonly object[]): string[] {
  return [
    ...new Set(objects.flatMap(Object.keys)),
  ]
}

function matches(record: LogRecord, query: Pick<LogQuery, 'severity' | 'contains'>): boolean {
  const wanted = query.contains?.toLowerCase()
  return (!query.severity || logSeverities.indexOf(record.severity) >= logSeverities.indexOf(query.severity))
    && (wanted === undefined || [record.message, record.statement, record.detail].some(text => text?.toLowerCase().includes(wanted)))
}

function isReserved(name: string): boolean {
  return ['postgres', 'template0', 'template1'].includes(name) || /^(?:pg_|howdah_)/.test(name)
}

function refuseName(name: string): void {
  const bytes = new TextEncoder().encode(name).length
  if (isReserved(name))
    throw new EngineError('invalid', `"${name}" is reserved.`, { pointer: '/name' })
  if (bytes < 1 || bytes > 63 || /\p{Cc}/u.test(name))
    throw new EngineError('invalid', 'A name has 1 to 63 bytes and no control characters.', { pointer: '/name' })
}
