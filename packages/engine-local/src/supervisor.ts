import type { EnginePhase, Notification, Observed, ServiceEvent } from '@howdah/engine'
import type { Client } from 'pg'
import type { ArchiveHealth } from './archive-health.ts'
import type { ArchiveRoom } from './archive-room.ts'
import type { Database } from './database.ts'
import type { Launched } from './process.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { letGo, readConnections, readUsage, transactionsPerSecond } from '@howdah/postgres'
import { readArchiveHealth } from './archive-health.ts'
import { isDiskFull } from './disk-full.ts'
import { pruneLogs } from './log-retention.ts'
import { openMonitor } from './monitor.ts'
import { answers } from './probe.ts'
import { findPostmaster, killLeftovers } from './process.ts'
import { Replication } from './replicas/replication.ts'
import { startServer } from './server-control.ts'

/** How patient supervision is, in milliseconds. */
export interface SupervisionTimings {
  /** Between two looks at a server that seems well. Its death is noticed at once, by the end of the held connection. */
  readonly checkEvery: number
  /** The same where there are replicas, which one of them is to replace if it is not well. */
  readonly checkReplicatedEvery: number
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
  checkReplicatedEvery: 1_000,
  answerWithin: 3_000,
  measureStorageEvery: 60_000,
  patience: 60_000,
  backOff: [250, 1_000, 2_000, 5_000, 10_000, 30_000],
  portRetry: 1_000,
}

/** Between two looks while a replica is being made, or comes back. */
const checkUnsettledEvery = 100

/** The first thing that a user does with a new database is over by then. */
const attachAfterMs = 250

/** After this many failed starts it is called `failed`, and tried on. */
const failedAfter = 4

const memberPhases: Readonly<Record<EnginePhase, Observed['members'][number]['phase']>> = {
  'provisioning': 'starting',
  'ready': 'ready',
  'restarting': 'starting',
  'switching-over': 'starting',
  'degraded': 'ready',
  'failed': 'failed',
  'hibernated': 'stopped',
  'unknown': 'starting',
}

/** Reasons of a recovery that somebody asked for. */
const plannedReasons: ReadonlySet<string> = new Set(['Adopting', 'Starting', 'Switchover'])

/** Of a phase that ends when the replicas follow. */
const replicaReasons: ReadonlySet<string> = new Set(['ReplicaMissing', 'WritesWait'])

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
  #replication: Replication | undefined
  #client: Client | undefined
  #server: Launched | undefined
  /** True from the first login of the owner until the connection that is held begins: then its process is all that is watched. */
  #isUnattached = false
  #timer: NodeJS.Timeout | undefined
  #recovery: Promise<void> | undefined
  #silentSince: number | undefined
  #measuredAt: number | undefined
  #isRoomLow = false
  #serverVersion: string | undefined
  #connections: number | undefined
  #storageUsedBytes: number | undefined
  #transactions: { readonly count: number, readonly at: number } | undefined
  #transactionsPerSecond: number | undefined
  #toldMembers = ''
  /** One at a time: a connection takes one statement after the other. */
  #looking: Promise<void> | undefined
  #mustLookAgain = false

  constructor(db: Database, emit: (notification: Notification) => void) {
    this.#db = db
    this.#emit = emit
    const phase = db.applied === undefined || db.applied.generation === 0
      ? 'provisioning'
      : db.applied.hibernated ? 'hibernated' : 'restarting'
    this.#phase = { phase, reason: phase === 'restarting' ? 'Adopting' : '', message: '', since: new Date(db.identity.createdAt) }
  }

  get observed(): Observed {
    const { applied, identity, installation, ref, topology } = this.#db
    return {
      ref,
      ...this.#phase,
      members: this.replication?.observed(this.#phase.phase)
        ?? [{ name: this.#db.memberName(1), role: 'primary', phase: memberPhases[this.#phase.phase], lagBytes: null, lagSeconds: null }],
      endpoint: {
        host: installation.host,
        port: identity.port,
        ...topology && topology.members.length > 1 ? { readOnlyPort: topology.readOnlyPort } : {},
        caCertificate: installation.authority.certificate,
      },
      serverVersion: this.#serverVersion,
      storageUsedBytes: this.#storageUsedBytes,
      connections: this.#client ? this.#connections : undefined,
      transactionsPerSecond: this.#client ? this.#transactionsPerSecond : undefined,
      generation: applied?.generation ?? 0,
      pendingRestart: [],
      managedBy: 'howdah',
    }
  }

  /** Undefined: one instance, which listens at the address itself. */
  get replication(): Replication | undefined {
    if (this.#db.topology)
      return this.replicated()
    return undefined
  }

  /** The same of a database that is to get replicas. */
  replicated(): Replication {
    this.#replication ??= new Replication(this.#db, {
      started: ({ ordinal }, server) => {
        if (ordinal === this.#db.primary.ordinal)
          this.follow(server)
        else
          void server.exited.then(() => this.checkSoon())
      },
      event: (...event) => this.#event(...event),
      gatewayLost: () => {
        if (this.#client && !this.#db.isPlanned && !this.#isOver)
          void this.#leadAgain()
      },
    })
    return this.#replication
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
      this.#attachSoon()
  }

  /** Our own login is no use to anybody yet, and would compete with the first one of the user. */
  #attachSoon(): void {
    clearTimeout(this.#timer)
    this.#isUnattached = true
    this.#timer = setTimeout(() => void this.#attach().catch(() => this.recover('NotAnswering', notAnswering)), attachAfterMs)
    this.#timer.unref()
  }

  /** A server that this process started: its exit is known even before its connection breaks. */
  follow(server: Launched | undefined): void {
    this.#server = server
    void server?.exited.then(() => {
      if (this.#server !== server)
        return
      if (this.#isUnattached)
        this.#noticeLoss()
      else
        this.#lost(this.#client)
    })
  }

  /** Let go, because the server is about to be stopped on purpose or because we are. */
  async detach(): Promise<void> {
    clearTimeout(this.#timer)
    this.#isUnattached = false
    const client = this.#client
    this.#client = undefined
    if (client)
      await letGo(client)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.detach()
    await this.#replication?.close()
    await this.#recovery
  }

  /** Bring the server back in the background, or adopt it where it runs. */
  recover(reason: string, message: string): void {
    if (this.#recovery || this.#isOver)
      return
    if (this.#phase.phase !== 'provisioning')
      this.setPhase(this.#mayFailOver && (reason === 'Switchover' || !plannedReasons.has(reason)) ? 'switching-over' : 'restarting', reason, message)
    this.#recovery = this.#recover(plannedReasons.has(reason))
      .finally(() => {
        this.#recovery = undefined
        // It may have ended again between the login and now.
        if (this.#phase.phase === 'ready' && this.#client === undefined && !this.#db.isPlanned)
          this.recover('PostmasterExited', endedUnexpectedly)
      })
  }

  get #mayFailOver(): boolean {
    return (this.#db.topology?.members.length ?? 1) > 1
  }

  get #isOver(): boolean {
    return this.#closing.signal.aborted || this.#db.isDeleted
  }

  /** Connect and hold on. The login through the users' address is what makes `ready` honest. */
  async #attach(): Promise<void> {
    this.#isUnattached = false
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
    this.#noticeLoss()
  }

  #noticeLoss(): void {
    this.#isUnattached = false
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
      this.setPhase(this.#mayFailOver ? 'switching-over' : 'restarting', 'PostmasterExited', endedUnexpectedly)
      this.#event('instance.exited', 'warning', 'The server ended unexpectedly.')
      this.recover('PostmasterExited', endedUnexpectedly)
    }
  }

  /** `isPlanned`: its end was no accident, so its return is no news. */
  async #recover(isPlanned: boolean): Promise<void> {
    const { backOff, portRetry } = this.#db.installation.timings
    const began = performance.now()
    const before = this.#db.primary.ordinal
    let failures = 0
    while (!this.#isOver) {
      const outcome = await this.#db.exclusive(async () => await this.#attempt().catch((error: unknown) => this.#unexpected(error)))
      if (outcome === 'not-wanted')
        return
      if (outcome === 'running') {
        if (!isPlanned && this.#db.primary.ordinal === before)
          this.#event('instance.restarted', 'info', 'The server is back.', { tookMs: Math.round(performance.now() - began) })
        // What is still being made is ready when its owner has logged in.
        if (this.#phase.phase !== 'provisioning')
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
    const started = this.replication
      ? await this.replication.hold()
      : await startServer(db, db.applied.settings, db.applied.spec.allowedCidrs)
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

  /** The gateway was killed: clients find the address again as soon as there is another one. */
  async #leadAgain(): Promise<void> {
    this.#event('gateway.exited', 'warning', 'The gateway ended unexpectedly and is started again; sessions ended.')
    try {
      await this.#db.exclusive(async () => {
        if (this.#client && !this.#isOver)
          await this.replication?.lead()
      })
    }
    catch (error) {
      this.#db.installation.log.error({ err: error, database: this.#db.ref.id }, 'the gateway of a database could not be started again')
      this.recover('GatewayExited', 'The gateway does not start.')
    }
  }

  /** Replicas are wanted, also before the owner could log in. */
  async tendSoon(): Promise<void> {
    if (!this.#client && !this.#recovery)
      await this.#attach()
    this.checkSoon()
  }

  /** Something is known to have changed. */
  checkSoon(): void {
    if (this.#looking)
      this.#mustLookAgain = true
    else if (this.#client && !this.#isOver)
      this.#schedule(0)
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#looking = this.#check().finally(() => {
        this.#looking = undefined
        if (this.#mustLookAgain)
          this.checkSoon()
        this.#mustLookAgain = false
      })
    }, ms)
    this.#timer.unref()
  }

  async #check(): Promise<void> {
    const client = this.#client
    const { answerWithin, checkEvery, checkReplicatedEvery, measureStorageEvery } = this.#db.installation.timings
    if (!client)
      return
    try {
      const [connections] = await Promise.all([
        readConnections(client),
        answers(this.#db.socketFolder, this.#db.primary.port, answerWithin),
      ])
      this.#connections = connections
      await this.replication?.look(client)
      if (this.#db.installation.archives)
        this.#judgeArchive(await readArchiveHealth(client, this.#db.paths))
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
    const { replication } = this
    if (replication)
      await this.#tend(replication)
    if (client === this.#client)
      this.#schedule(!replication ? checkEvery : replication.areWhole ? checkReplicatedEvery : checkUnsettledEvery)
  }

  async #tend(replication: Replication): Promise<void> {
    try {
      await this.#db.exclusive(async () => {
        if (this.#client && !this.#isOver && !this.#db.applied?.hibernated)
          await replication.tend()
      })
    }
    catch (error) {
      this.#db.installation.log.warn({ err: error, database: this.#db.ref.id }, 'the replicas could not be seen to; trying again')
    }
    this.#judgeReplicas(replication)
  }

  /** It serves on without a replica, but the next failure finds nobody; and with `sync` and none at all, writes wait. */
  #judgeReplicas({ areWhole, news }: Replication): void {
    const { topology } = this.#db
    const isAlone = !this.observed.members.some(({ phase, role }) => role === 'replica' && phase === 'ready')
    const waits = topology?.durability === 'sync' && isAlone
    const reason = waits ? 'WritesWait' : 'ReplicaMissing'
    const message = waits ? `Writes wait for a replica, and there is none. ${news}` : news
    const members = JSON.stringify(this.observed.members)
    if (!areWhole && (this.#phase.phase === 'ready' || replicaReasons.has(this.#phase.reason)))
      this.setPhase('degraded', reason, message)
    else if (areWhole && replicaReasons.has(this.#phase.reason))
      this.setPhase('ready')
    else if (members !== this.#toldMembers)
      this.report()
    this.#toldMembers = members
  }

  /** It serves on while its archive is away, but what it keeps for it fills the disk, and a lost disk loses more. */
  #judgeArchive({ complaint, room, stuckAt, waiting }: ArchiveHealth): void {
    this.#judgeRoom(room)
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

  /** Said once for each time: whoever reads it has to do something before the server stops. */
  #judgeRoom(room: ArchiveRoom | undefined): void {
    if (room?.isLow && !this.#isRoomLow)
      this.#event('archive.disk-filling', 'error', `The archive takes no WAL: ${gib(room.waitingBytes)} wait on the disk, which has ${gib(room.freeBytes)} left. When it is full the server stops. Mend the archive, or make room.`, { ...room })
    this.#isRoomLow = room?.isLow ?? false
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
    this.#emit({ kind: 'event', event: { ref: this.#db.ref, at: new Date(), type, severity, message, details: { member: String(this.#db.primary.ordinal), ...details } } })
  }
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}

function ignoreAbort(error: unknown): void {
  if (error instanceof Error && error.name === 'AbortError')
    return
  throw error
}
