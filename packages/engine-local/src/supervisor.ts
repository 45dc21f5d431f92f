import type { EnginePhase, Notification, Observed, ServiceEvent } from '@howdah/engine'
import type pg from 'pg'
import type { Database } from './database.ts'
import type { Launched } from './process.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { memberName } from './log-record.ts'
import { pruneLogs } from './log-retention.ts'
import { answers } from './probe.ts'
import { findPostmaster, killLeftovers } from './process.ts'
import { startServer } from './server-control.ts'
import { monitorConfig } from './sessions.ts'

/** How often a server that seems well is asked. Its death is noticed at once, by the end of the held connection. */
const checkEveryMs = 5_000
const answerWithinMs = 3_000
const measureStorageEveryMs = 60_000
/** A server that lives but says nothing for this long is killed and started again. */
const patienceMs = 60_000
/** Waits before the next attempt to start; the last one repeats. */
const backOffMs = [
  0,
  250,
  1_000,
  2_000,
  5_000,
  10_000,
  30_000,
]
/** After this many failed starts it is called `failed`, and tried on. */
const failedAfter = 4
const portRetryMs = 1_000

const endedUnexpectedly = 'The server ended unexpectedly and is being started again.'

const countConnections = `
  select count(*)::int as connections from pg_stat_activity
  where backend_type = 'client backend' and usename not like 'howdah\\_%'`

const sumStorage = `
  select ((select sum(pg_database_size(oid)) from pg_database) + (select coalesce(sum(size), 0) from pg_ls_waldir()))::bigint as bytes`

const memberPhases: Readonly<Record<EnginePhase, Observed['members'][number]['phase']>> = {
  provisioning: 'starting',
  ready: 'ready',
  restarting: 'starting',
  degraded: 'ready',
  failed: 'failed',
  hibernated: 'stopped',
  unknown: 'starting',
}

/**
 * Watches one database: holds one connection as the monitoring role, reports what changes, and brings a server back
 * that ended by itself. Planned stops and starts are told to it.
 */
export class Supervisor {
  readonly #db: Database
  readonly #emit: (notification: Notification) => void
  #phase: { phase: EnginePhase, reason: string, message: string, since: Date }
  #client: Client | undefined
  #timer: NodeJS.Timeout | undefined
  #recovery: Promise<void> | undefined
  #silentSince: number | undefined
  #measuredAt = 0
  #serverVersion: string | undefined
  #connections: number | undefined
  #storageUsedBytes: number | undefined
  readonly #closing = new AbortController()

  constructor(db: Database, emit: (notification: Notification) => void) {
    this.#db = db
    this.#emit = emit
    this.#storageUsedBytes = db.applied?.storageUsedBytes
    const phase = db.applied === undefined || db.applied.generation === 0
      ? 'provisioning'
      : db.applied.hibernated ? 'hibernated' : 'restarting'
    this.#phase = {
      phase,
      reason: phase === 'restarting'
        ? 'Adopting'
        : '',
      message: '',
      since: new Date(db.identity.createdAt),
    }
  }

  get observed(): Observed {
    const { applied, identity, installation, ref } = this.#db
    const isUp = this.#client !== undefined
    return {
      ref,
      ...this.#phase,
      members: [
        {
          name: `${ref.name}-${memberName}`,
          role: 'primary',
          phase: memberPhases[this.#phase.phase],
          lagBytes: null,
        },
      ],
      endpoint: { host: installation.host, port: identity.port, caCertificate: installation.authority.certificate },
      serverVersion: this.#serverVersion,
      storageUsedBytes: this.#storageUsedBytes,
      connections: isUp ? this.#connections : undefined,
      generation: applied?.generation ?? 0,
      pendingRestart: applied?.pendingRestart ?? [],
      managedBy: 'howdah',
    }
  }

  /** Tell listeners where things stand, after something other than the phase changed. */
  report(): void {
    this.#emit({ kind: 'observed', observed: this.observed })
  }

  setPhase(phase: EnginePhase, reason = '', message = ''): void {
    const now = this.#phase
    if (now.phase === phase && now.reason === reason && now.message === message)
      return
    this.#phase = {
      phase,
      reason,
      message,
      since: now.phase === phase
        ? now.since
        : new Date(),
    }
    this.report()
  }

  event(type: string, severity: ServiceEvent['severity'], message: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.#emit({
      kind: 'event',
      event: {
        ref: this.#db.ref,
        at: new Date(),
        type,
        severity,
        message,
        details,
      },
    })
  }

  /** Connect and hold on. The login through the users' address is what makes `ready` honest. */
  async attach(): Promise<void> {
    if (this.#client || this.#closing.signal.aborted)
      return
    const { host, authority } = this.#db.installation
    const client = new Client({
      ...monitorConfig(this.#db.identity, host, authority.certificate),
      connectionTimeoutMillis: answerWithinMs,
      query_timeout: answerWithinMs,
      keepAlive: true,
    })
    // Said twice when a server dies; once is enough.
    client.on('error', () => this.#lost(client))
    client.on('end', () => this.#lost(client))
    try {
      await client.connect()
      const { rows } = await client.query<{ version: string }>('select current_setting(\'server_version\') as version')
      this.#serverVersion = rows[0]?.version.split(' ')[0]
    }
    catch (error) {
      await client.end()
      throw error
    }
    this.#client = client
    this.#silentSince = undefined
    this.#schedule(0)
  }

  /** Settles when no recovery is under way. */
  get settled(): Promise<void> {
    return this.#recovery ?? Promise.resolve()
  }

  /** The owner's login answered: that is what `ready` means. The held connection follows at once, in the background. */
  answered(serverVersion: string): void {
    this.#serverVersion = serverVersion
    if (this.#phase.phase !== 'degraded')
      this.setPhase('ready')
    if (!this.#client && !this.#recovery)
      this.attach().catch(() => this.recover('NotAnswering', 'The server does not answer.'))
  }

  /** A server of ours that was started by this process: its exit is known even before its connection breaks. */
  follow(server: Launched | undefined): void {
    void server?.exited.then(() => this.#lost(this.#client))
  }

  /** Let go, because the server is about to be stopped on purpose or because we are. */
  async detach(): Promise<void> {
    clearTimeout(this.#timer)
    const client = this.#client
    this.#client = undefined
    this.#connections = undefined
    await client?.end()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.detach()
    await this.#recovery
  }

  /** Bring the server back in the background, or adopt it where it runs. */
  recover(reason: string, message: string): void {
    if (this.#recovery || this.#closing.signal.aborted)
      return
    if (this.#phase.phase !== 'provisioning')
      this.setPhase('restarting', reason, message)
    this.#recovery = this.#recover()
      .catch((error: unknown) => {
        this.#db.installation.log.error({ err: error, database: this.#db.ref.id }, 'recovery of a database ended in an error')
        this.setPhase('failed', 'RecoveryFailed', 'The server could not be brought back; the log of the control plane says why.')
      })
      .finally(() => {
        this.#recovery = undefined
        // It may have ended again between the login and now.
        if (this.#phase.phase === 'ready' && this.#client === undefined && !this.#db.isPlanned)
          this.recover('PostmasterExited', endedUnexpectedly)
      })
  }

  #lost(client: pg.Client | undefined): void {
    if (client === undefined || client !== this.#client)
      return
    this.#client = undefined
    this.#connections = undefined
    clearTimeout(this.#timer)
    if (this.#db.isPlanned || this.#db.isDeleted || this.#closing.signal.aborted)
      return
    // Said before anything is looked up: clients already notice.
    this.#db.isLoginProven = false
    this.setPhase('restarting', 'PostmasterExited', endedUnexpectedly)
    this.event('instance.exited', 'warning', 'The server ended unexpectedly.', { member: memberName })
    this.recover('PostmasterExited', endedUnexpectedly)
  }

  async #recover(): Promise<void> {
    const began = performance.now()
    for (let attempt = 0; !this.#closing.signal.aborted; attempt++) {
      const outcome = await this.#db.exclusive(async () => await this.#attempt())
      if (outcome === 'not-wanted')
        return
      if (outcome === 'running') {
        if (attempt > 0 || this.#phase.reason !== 'Adopting') {
          this.event('instance.restarted', 'info', 'The server is back.', {
            member: memberName,
            tookMs: Math.round(performance.now() - began),
          })
        }
        this.setPhase('ready')
        return
      }
      if (outcome.reason === 'PortTaken' || attempt + 1 >= failedAfter)
        this.setPhase('failed', outcome.reason, outcome.message)
      else
        this.setPhase('restarting', outcome.reason, outcome.message)
      const pause = outcome.reason === 'PortTaken'
        ? portRetryMs
        : backOffMs[Math.min(attempt + 1, backOffMs.length - 1)]
      await delay(pause, undefined, { signal: this.#closing.signal, ref: false }).catch(ignoreAbort)
    }
  }

  async #attempt(): Promise<'running' | 'not-wanted' | { reason: string, message: string }> {
    const db = this.#db
    if (db.isDeleted || !db.applied || db.applied.hibernated || this.#closing.signal.aborted)
      return 'not-wanted'
    const started = await startServer(db, db.applied.settings, db.applied.spec.allowedCidrs)
    if (started.kind === 'failed')
      return started
    this.follow(started.server)
    try {
      await this.attach()
      this.#silentSince = undefined
      return 'running'
    }
    catch (error) {
      await this.#losePatience()
      return { reason: 'NotAnswering', message: `The server runs but does not answer: ${error instanceof Error
        ? error.message
        : String(error)}.` }
    }
  }

  async #losePatience(): Promise<void> {
    this.#silentSince ??= performance.now()
    if (performance.now() - this.#silentSince < patienceMs)
      return
    this.event('instance.killed', 'error', `The server did not answer for ${patienceMs / 1000} s and was ended by force.`, { member: memberName })
    await killLeftovers(this.#db.paths.data)
    this.#silentSince = undefined
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#check(), ms)
    this.#timer.unref()
  }

  async #check(): Promise<void> {
    const client = this.#client
    if (!client)
      return
    try {
      const [{ rows }] = await Promise.all([
        client.query<{ connections: number }>(countConnections),
        answers(this.#db.socketFolder, this.#db.identity.port, answerWithinMs),
      ])
      this.#connections = rows[0]?.connections
      if (performance.now() - this.#measuredAt > measureStorageEveryMs || this.#measuredAt === 0)
        await this.#measureStorage(client)
    }
    catch (error) {
      if (client !== this.#client || this.#db.isPlanned)
        return
      const message = error instanceof Error
        ? error.message
        : String(error)
      this.#client = undefined
      void client.end().catch(ignoreAbort)
      this.event('instance.not-answering', 'warning', 'The server does not answer.', { member: memberName, error: message })
      if (!await findPostmaster(this.#db.paths.data))
        this.event('instance.exited', 'warning', 'The server ended unexpectedly.', { member: memberName })
      this.recover('NotAnswering', 'The server does not answer.')
      return
    }
    this.#schedule(checkEveryMs)
  }

  async #measureStorage(client: pg.Client): Promise<void> {
    this.#measuredAt = performance.now()
    const { rows } = await client.query<{ bytes: string }>(sumStorage)
    this.#storageUsedBytes = Number(rows[0]?.bytes)
    const limit = (this.#db.applied?.spec.storageGib ?? Number.POSITIVE_INFINITY) * 2 ** 30
    if (this.#phase.phase === 'ready' && this.#storageUsedBytes > limit) {
      const message = `The database uses ${(this.#storageUsedBytes / 2 ** 30).toFixed(1)} GiB, more than it asked for. Delete data or give it more storage.`
      this.setPhase('degraded', 'StorageFull', message)
      this.event('storage.full', 'warning', message)
    }
    else if (this.#phase.reason === 'StorageFull' && this.#storageUsedBytes <= limit) {
      this.setPhase('ready')
    }
    else {
      this.report()
    }
    await pruneLogs(this.#db.paths.log)
  }
}

function ignoreAbort(error: unknown): void {
  if (error instanceof Error && error.name === 'AbortError')
    return
  throw error
}
