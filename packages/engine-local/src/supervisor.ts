import type { EnginePhase, Notification, Observed, ServiceEvent } from '@howdah/engine'
import type { Client } from 'pg'
import type { ArchiveHealth } from './archive-health.ts'
import type { Database } from './database.ts'
import type { Launched } from './process.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { letGo, readConnections, readUsage, transactionsPerSecond } from '@howdah/postgres'
import { readArchiveHealth } from './archive-health.ts'
import { isDiskFull } from './disk-full.ts'
import { memberName } from './log-record.ts'
import { pruneLogs } from './log-retention.ts'
import { openMonitor } from './monitor.ts'
import { answers } from './probe.ts'
import { findPostmaster, killLeftovers } from './process.ts'
import { startServer } from './server-control.ts'

/** How patient supervision is, in milliseconds. */
export interface SupervisionTimings {
  /** Between two looks at a server that seems well. Its death is noticed at once, by the end of the held connection. */
  readonly checkEvery: number
  readonly answerWithin: number
  readonly measureStorageEvery: number
  /** A server that lives but says nothing for this long is killed and started again. */
  readonly patience: number
  /** Waits before each further attempt to start; the last one repeats. */
  readonly backOff: readonly number[]
  /** Between two looks at a port that a stranger has taken. */
  readonly portRetry: number
}

export const usualTimings: SupervisionTimings = {
  checkEvery: 10_000,
  answerWithin: 3_000,
  measureStorageEvery: 60_000,
  patience: 60_000,
  backOff: [250, 1_000, 2_000, 5_000, 10_000, 30_000],
  portRetry: 1_000,
}

/** After this many failed starts it is called `failed`, and tried on. */
const failedAfter = 4

const memberPhases: Readonly<Record<EnginePhase, Observed['members'][number]['phase']>> = {
  provisioning: 'starting',
  ready: 'ready',
  restarting: 'starting',
  degraded: 'ready',
  failed: 'failed',
  hibernated: 'stopped',
  unknown: 'starting',
}

/** Reasons of a recovery that somebody asked for. */
const plannedReasons: ReadonlySet<string> = new Set(['Adopting', 'Starting'])

const endedUnexpectedly = 'The server ended unexpectedly and is being started again.'
const notAnswering = 'The server does not answer.'

type Attempt = 'running' | 'starting' | 'not-wanted' | { readonly reason: string, readonly message: string }

/**
 * Watches one database: holds one connection as the monitoring role, reports what changes, and brings a server back
 * that ended by itself. Planned stops and starts are told to it.
 */
export class Supervisor {
  readonly #db: Database
  readonly #emit: (notification: Notification) => void
  readonly #closing = new AbortController()
  #phase: { readonly phase: EnginePhase, readonly reason: string, readonly message: string, readonly since: Date }
  #client: Client | undefined
  #server: Launched | undefined
  #timer: NodeJS.Timeout | undefined
  #recovery: Promise<void> | undefined
  #silentSince: number | undefined
  #measuredAt: number | undefined
  #serverVersion: string | undefined
  #connections: number | undefined
  #storageUsedBytes: number | undefined
  #transactions: { readonly count: number, readonly at: number } | undefined
  #transactionsPerSecond: number | undefined

  constructor(db: Database, emit: (notification: Notification) => void) {
    this.#db = db
    this.#emit = emit
    const phase = db.applied === undefined || db.applied.generation === 0
      ? 'provisioning'
      : db.applied.hibernated ? 'hibernated' : 'restarting'
    this.#phase = { phase, reason: phase === 'restarting' ? 'Adopting' : '', message: '', since: new Date(db.identity.createdAt) }
  }

  get observed(): Observed {
    const { applied, identity, installation, ref } = this.#db
    return {
      ref,
      ...this.#phase,
      members: [{ name: `${ref.name}-${memberName}`, role: 'primary', phase: memberPhases[this.#phase.phase], lagBytes: null }],
      endpoint: { host: installation.host, port: identity.port, caCertificate: installation.authority.certificate },
      serverVersion: this.#serverVersion,
      storageUsedBytes: this.#storageUsedBytes,
      connections: this.#client ? this.#connections : undefined,
      transactionsPerSecond: this.#client ? this.#transactionsPerSecond : undefined,
      generation: applied?.generation ?? 0,
      pendingRestart: [],
      managedBy: 'howdah',
    }
  }

  /** Settles when no recovery is under way. */
  get settled(): Promise<void> {
    return this.#recovery ?? Promise.resolve()
  }

  /** Tell listeners where things stand, after something other than the phase changed. */
  report(): void {
    this.#emit({ kind: 'observed', observed: this.observed })
  }

  setPhase(phase: EnginePhase, reason = '', message = ''): void {
    const now = this.#phase
    if (now.phase === phase && now.reason === reason && now.message === message)
      return
    this.#phase = { phase, reason, message, since: now.phase === phase ? now.since : new Date() }
    this.report()
  }

  /** The owner's login answered: that is what `ready` means. The held connection follows at once, in the background. */
  answered(serverVersion: string): void {
    this.#serverVersion = serverVersion
    if (this.#phase.phase !== 'degraded')
      this.setPhase('ready')
    if (!this.#client && !this.#recovery)
      this.#attach().catch(() => this.recover('NotAnswering', notAnswering))
  }

  /** A server that this process started: its exit is known even before its connection breaks. */
  follow(server: Launched | undefined): void {
    this.#server = server
    void server?.exited.then(() => {
      if (this.#server === server)
        this.#lost(this.#client)
    })
  }

  /** Let go, because the server is about to be stopped on purpose or because we are. */
  async detach(): Promise<void> {
    clearTimeout(this.#timer)
    const client = this.#client
    this.#client = undefined
    if (client)
      await letGo(client)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.detach()
    await this.#recovery
  }

  /** Bring the server back in the background, or adopt it where it runs. */
  recover(reason: string, message: string): void {
    if (this.#recovery || this.#isOver)
      return
    if (this.#phase.phase !== 'provisioning')
      this.setPhase('restarting', reason, message)
    this.#recovery = this.#recover(plannedReasons.has(reason))
      .finally(() => {
        this.#recovery = undefined
        // It may have ended again between the login and now.
        if (this.#phase.phase === 'ready' && this.#client === undefined && !this.#db.isPlanned)
          this.recover('PostmasterExited', endedUnexpectedly)
      })
  }

  get #isOver(): boolean {
    return this.#closing.signal.aborted || this.#db.isDeleted
  }

  /** Connect and hold on. The login through the users' address is what makes `ready` honest. */
  async #attach(): Promise<void> {
    if (this.#client || this.#isOver)
      return
    const client = await openMonitor(this.#db, this.#db.installation.timings.answerWithin, lost => this.#lost(lost))
    if (this.#client || this.#isOver || this.#db.isPlanned)
      return await letGo(client)
    this.#client = client
    this.#silentSince = undefined
    this.#schedule(0)
  }

  #lost(client: Client | undefined): void {
    if (client === undefined || client !== this.#client)
      return
    this.#client = undefined
    clearTimeout(this.#timer)
    if (this.#db.isPlanned || this.#isOver)
      return
    this.#db.isLoginProven = false
    void this.#reportLoss()
  }

  async #reportLoss(): Promise<void> {
    if (await findPostmaster(this.#db.paths.data)) {
      this.#event('instance.crashed', 'warning', 'A process of the server crashed; all sessions were ended.')
      this.recover('CrashRecovery', 'A process of the server crashed, and the server recovers.')
    }
    else {
      this.setPhase('restarting', 'PostmasterExited', endedUnexpectedly)
      this.#event('instance.exited', 'warning', 'The server ended unexpectedly.')
      this.recover('PostmasterExited', endedUnexpectedly)
    }
  }

  /** `isPlanned`: its end was no accident, so its return is no news. */
  async #recover(isPlanned: boolean): Promise<void> {
    const { backOff, portRetry } = this.#db.installation.timings
    const began = performance.now()
    let failures = 0
    while (!this.#isOver) {
      const outcome = await this.#db.exclusive(async () => await this.#attempt().catch((error: unknown) => this.#unexpected(error)))
      if (outcome === 'not-wanted')
        return
      if (outcome === 'running') {
        if (!isPlanned)
          this.#event('instance.restarted', 'info', 'The server is back.', { tookMs: Math.round(performance.now() - began) })
        this.setPhase('ready')
        return
      }
      let pause = backOff[0]
      if (outcome === 'starting') {
        this.setPhase('restarting', 'CrashRecovery', 'The server recovers what it had not written when it ended.')
      }
      else {
        failures++
        const isFailed = outcome.reason === 'PortTaken' || failures >= failedAfter
        this.setPhase(isFailed ? 'failed' : 'restarting', outcome.reason, outcome.message)
        pause = outcome.reason === 'PortTaken' ? portRetry : backOff[Math.min(failures, backOff.length) - 1]
      }
      await delay(pause, undefined, { signal: this.#closing.signal, ref: false }).catch(ignoreAbort)
    }
  }

  async #attempt(): Promise<Attempt> {
    const db = this.#db
    if (this.#isOver || !db.applied || db.applied.hibernated)
      return 'not-wanted'
    const started = await startServer(db, db.applied.settings, db.applied.spec.allowedCidrs)
    if (started.kind === 'failed')
      return started
    if (started.server)
      this.follow(started.server)
    if (started.kind === 'starting')
      return 'starting'
    try {
      await this.#attach()
      return 'running'
    }
    catch (error) {
      await this.#losePatience()
      return { reason: 'NotAnswering', message: `${notAnswering} ${error instanceof Error ? error.message : String(error)}.` }
    }
  }

  /** Whatever it is, it may pass: a full disk, a file system that is away. */
  #unexpected(error: unknown): Attempt {
    if (isDiskFull(error))
      return { reason: 'DiskFull', message: 'There is no space left on the disk, so the server cannot be started. It starts by itself once there is some.' }
    this.#db.installation.log.error({ err: error, database: this.#db.ref.id }, 'a server could not be brought back; trying again')
    return { reason: 'RecoveryFailed', message: 'The server could not be brought back yet; the log of the control plane says why.' }
  }

  async #losePatience(): Promise<void> {
    const { patience } = this.#db.installation.timings
    this.#silentSince ??= performance.now()
    if (performance.now() - this.#silentSince < patience)
      return
    this.#event('instance.killed', 'error', `The server did not answer for ${Math.round(patience / 1000)} s and was ended by force.`)
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
    const { answerWithin, checkEvery, measureStorageEvery } = this.#db.installation.timings
    if (!client)
      return
    try {
      const [connections] = await Promise.all([
        readConnections(client),
        answers(this.#db.socketFolder, this.#db.identity.port, answerWithin),
      ])
      this.#connections = connections
      if (this.#db.installation.archives)
        this.#judgeArchive(await readArchiveHealth(client, this.#db.paths.log))
      if (this.#measuredAt === undefined || performance.now() - this.#measuredAt > measureStorageEvery)
        await this.#measure(client)
    }
    catch (error) {
      if (client !== this.#client || this.#db.isPlanned || this.#isOver)
        return
      this.#client = undefined
      this.#db.isLoginProven = false
      this.#event('instance.not-answering', 'warning', notAnswering, { error: error instanceof Error ? error.message : String(error) })
      this.recover('NotAnswering', notAnswering)
      return await letGo(client)
    }
    this.#schedule(checkEvery)
  }

  /** It serves on while its archive is away, but what it keeps for it fills the disk, and a lost disk loses more. */
  #judgeArchive({ complaint, stuckAt, waiting }: ArchiveHealth): void {
    if (stuckAt !== undefined && this.#phase.phase === 'ready') {
      const message = `The archive does not take the WAL file ${stuckAt}${complaint === undefined ? '' : `: ${complaint}`}. It is kept, and tried again.`
      this.setPhase('degraded', 'ArchiveStuck', message)
      this.#event('archive.stuck', 'error', message, { waiting })
    }
    else if (stuckAt === undefined && this.#phase.reason === 'ArchiveStuck') {
      this.#event('archive.resumed', 'info', 'The archive takes WAL again.', { waiting })
      this.setPhase('ready')
    }
  }

  async #measure(client: Client): Promise<void> {
    this.#measuredAt = performance.now()
    const { storageBytes: used, transactions } = await readUsage(client)
    const counted = { count: transactions, at: performance.now() }
    const before = this.#transactions
    this.#transactions = counted
    this.#transactionsPerSecond = before && transactionsPerSecond(before.count, counted.count, counted.at - before.at)
    const limit = (this.#db.applied?.spec.storageGib ?? Number.POSITIVE_INFINITY) * 2 ** 30
    this.#storageUsedBytes = used
    if (this.#phase.phase === 'ready' && used > limit) {
      const message = `The database uses ${(used / 2 ** 30).toFixed(1)} GiB, more than it asked for. Delete data or give it more storage.`
      this.setPhase('degraded', 'StorageFull', message)
      this.#event('storage.full', 'warning', message)
    }
    else if (this.#phase.reason === 'StorageFull' && used <= limit) {
      this.setPhase('ready')
    }
    else {
      this.report()
    }
    await pruneLogs(this.#db.paths.log)
  }

  #event(type: string, severity: ServiceEvent['severity'], message: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.#emit({ kind: 'event', event: { ref: this.#db.ref, at: new Date(), type, severity, message, details: { member: memberName, ...details } } })
  }
}

function ignoreAbort(error: unknown): void {
  if (error instanceof Error && error.name === 'AbortError')
    return
  throw error
}
