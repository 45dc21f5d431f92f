import type { EnginePhase, Notification, Observed, ServiceEvent } from '@howdah/engine'
import type { Client } from 'pg'
import type { ArchiveHealth } from './archive-health.ts'
import type { Attempt } from './bring-back.ts'
import type { Database } from './database.ts'
import type { Verdict } from './judgement.ts'
import type { Launched } from './launcher.ts'
import { letGo, readConnections } from '@howdah/postgres'
import { DatabaseError } from 'pg'
import { readArchiveHealth } from './archive-health.ts'
import { bringBack } from './bring-back.ts'
import { FirstAttach } from './first-attach.ts'
import { judgeArchive, judgeArchiveRoom, judgeReplicas, judgeStorage } from './judgement.ts'
import { pruneLogs } from './log-retention.ts'
import { Looks } from './looks.ts'
import { openMonitor } from './monitor.ts'
import { observedOf } from './observed.ts'
import { answers } from './probe.ts'
import { findPostmaster, killLeftovers } from './process.ts'
import { Replication } from './replicas/replication.ts'
import { startServer } from './server-control.ts'
import { checkUnsettledEvery } from './supervision-timings.ts'
import { Usage } from './usage.ts'

/** Reasons of a recovery that somebody asked for. */
const plannedReasons: ReadonlySet<string> = new Set(['Adopting', 'Starting', 'Switchover'])

const endedUnexpectedly = 'The server ended unexpectedly and is being started again.'
const notAnswering = 'The server does not answer.'

/**
 * Watches one database: holds one connection as the monitoring role, reports what changes, and brings a server back
 * that ended by itself. Planned stops and starts are told to it.
 */
export class Supervisor {
  readonly #db: Database
  readonly #emit: (notification: Notification) => void
  readonly #firstAttach: FirstAttach
  readonly #closing = new AbortController()
  #phase: { readonly phase: EnginePhase, readonly reason: string, readonly message: string, readonly since: Date }
  #replication: Replication | undefined
  #client: Client | undefined
  #server: Launched | undefined
  readonly #looks = new Looks(async () => await this.#check())
  #recovery: Promise<void> | undefined
  #silentSince: number | undefined
  readonly #usage = new Usage()
  #isRoomLow = false
  #serverVersion: string | undefined
  #connections: number | undefined
  #toldMembers = ''

  /** `isHurried`: whether creates follow each other. */
  constructor(db: Database, emit: (notification: Notification) => void, isHurried: () => boolean) {
    this.#db = db
    this.#emit = emit
    this.#firstAttach = new FirstAttach(() => this.#server !== undefined && isHurried(), () => void this.#attach().catch(() => this.recover('NotAnswering', notAnswering)))
    const phase = db.applied === undefined || db.applied.generation === 0
      ? 'provisioning'
      : db.applied.hibernated ? 'hibernated' : 'restarting'
    this.#phase = { phase, reason: phase === 'restarting' ? 'Adopting' : '', message: '', since: new Date(db.identity.createdAt) }
  }

  get observed(): Observed {
    return observedOf(this.#db, {
      ...this.#phase,
      members: this.replication?.observed(this.#phase.phase),
      serverVersion: this.#serverVersion,
      storageUsedBytes: this.#usage.storageUsedBytes,
      connections: this.#client ? this.#connections : undefined,
      transactionsPerSecond: this.#client ? this.#usage.transactionsPerSecond : undefined,
    })
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
      this.#firstAttach.begin()
  }

  /** A server that this process started: its exit is known even before its connection breaks. */
  follow(server: Launched | undefined): void {
    this.#server = server
    void server?.exited.then(() => {
      if (this.#server !== server)
        return
      if (this.#firstAttach.isAhead)
        this.#noticeLoss()
      else
        this.#lost(this.#client)
    })
  }

  /** Let go, because the server is about to be stopped on purpose or because we are. */
  async detach(): Promise<void> {
    this.#stopTimers()
    const client = this.#client
    this.#client = undefined
    if (client)
      await letGo(client)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#db.takeSession()?.close()
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
    this.#recovery = this.#bringBack(plannedReasons.has(reason))
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

  #stopTimers(): void {
    this.#firstAttach.end()
    this.#looks.stop()
  }

  /** Connect and hold on. The login through the users' address is what makes `ready` honest. */
  async #attach(): Promise<void> {
    this.#firstAttach.end()
    if (this.#client || this.#isOver)
      return
    const client = await openMonitor(this.#db, this.#db.installation.timings.answerWithin, lost => this.#lost(lost))
    if (this.#client || this.#isOver || this.#db.isPlanned)
      return await letGo(client)
    this.#client = client
    this.#silentSince = undefined
    this.#looks.after(0)
  }

  #lost(client: Client | undefined): void {
    if (client === undefined || client !== this.#client)
      return
    this.#client = undefined
    this.#noticeLoss()
  }

  #noticeLoss(): void {
    this.#stopTimers()
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

  async #bringBack(isPlanned: boolean): Promise<void> {
    const before = this.#db.primary.ordinal
    const tookMs = await bringBack(this.#db, {
      attempt: async () => await this.#db.exclusive(async () => await this.#attempt()),
      isOver: () => this.#isOver,
      setPhase: (...phase) => this.setPhase(...phase),
      signal: this.#closing.signal,
    })
    if (tookMs === undefined)
      return
    // A planned end was no accident, so its return is no news.
    if (!isPlanned && this.#db.primary.ordinal === before)
      this.#event('instance.restarted', 'info', 'The server is back.', { tookMs })
    // What is still being made is ready when its owner has logged in.
    if (this.#phase.phase !== 'provisioning')
      this.setPhase('ready')
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
    if (this.#client && !this.#isOver)
      this.#looks.soon()
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
      if (this.#usage.age > measureStorageEvery)
        await this.#measure(client)
    }
    catch (error) {
      // A server that ends says so to whoever asks just then, before the connection breaks.
      const isEnding = (error instanceof DatabaseError && error.code?.startsWith('57P')) || !await findPostmaster(this.#db.paths.data)
      if (client !== this.#client || this.#db.isPlanned || this.#isOver)
        return
      if (isEnding) {
        this.#lost(client)
        return await letGo(client)
      }
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
      this.#looks.after(!replication ? checkEvery : replication.areWhole ? checkReplicatedEvery : checkUnsettledEvery)
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

  #judgeReplicas({ areWhole, news }: Replication): void {
    const { members } = this.observed
    const hasReplica = members.some(({ phase, role }) => role === 'replica' && phase === 'ready')
    const told = JSON.stringify(members)
    const isNew = told !== this.#toldMembers
    this.#toldMembers = told
    const verdict = judgeReplicas(this.#phase, { areWhole, news, hasReplica, durability: this.#db.topology?.durability })
    if (verdict)
      this.#follow(verdict)
    else if (isNew)
      this.report()
  }

  #judgeArchive(health: ArchiveHealth): void {
    for (const verdict of [judgeArchiveRoom(this.#isRoomLow, health.room), judgeArchive(this.#phase, health)])
      this.#follow(verdict)
    this.#isRoomLow = health.room?.isLow ?? false
  }

  async #measure(client: Client): Promise<void> {
    await this.#usage.measure(client)
    const verdict = judgeStorage(this.#phase, this.#usage.storageUsedBytes ?? 0, this.#db.applied?.spec.storageGib)
    if (verdict)
      this.#follow(verdict)
    else
      this.report()
    await pruneLogs(this.#db.paths.log)
  }

  /** The event first: whoever sees the phase finds what explains it. */
  #follow(verdict: Verdict | undefined): void {
    if (verdict?.event)
      this.#event(...verdict.event)
    if (verdict?.phase)
      this.setPhase(...verdict.phase)
  }

  #event(type: string, severity: ServiceEvent['severity'], message: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.#emit({ kind: 'event', event: { ref: this.#db.ref, at: new Date(), type, severity, message, details: { member: String(this.#db.primary.ordinal), ...details } } })
  }
}
