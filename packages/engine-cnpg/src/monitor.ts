import type pg from 'pg'
import type { QueryConfig } from 'pg'
import type { Log } from './log.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { letGo, readConnections, readUsage, transactionsPerSecond } from '@howdah/postgres'
import { Client } from 'pg'
import { Turns } from './turns.ts'

/** Between two looks at a server that seems well. Its death is noticed at once, by the end of the held connection. */
const checkEveryMs = 30_000
/** While a replica that runs does not follow yet. */
const checkSoonMs = 1_000
const answerWithinMs = 5_000
/**
 * A machine that is cut off says nothing, and a kernel takes minutes to notice. Where another instance could take over, each
 * second counts, so the server is asked for a sign of life in between.
 */
const signEveryMs = 2_000
const signWithinMs = 1_500
/** A sign is late long before there is none. What costs little and takes long is begun then. */
const signLateMs = 500
/** Waits before each further attempt; the last one repeats. */
const backOffMs = [100, 250, 500, 1_000, 2_000, 5_000]
/**
 * Attempts of all monitors at a time: a thousand handshakes at once are done no sooner than one after the other, keep everything else waiting
 * for seconds and take memory that does not come back. One that hangs holds nobody up for long.
 */
const turns = new Turns({ atATime: 16, mostMs: 1_000 })

export interface Lag {
  /** Of WAL. */
  readonly bytes: number
  readonly seconds: number
}

export interface Vitals {
  readonly serverVersion: string
  readonly connections: number
  /** Undefined where we may not know it. */
  readonly storageUsedBytes: number | undefined
  readonly transactionsPerSecond: number | undefined
  /** How far each replica is behind, by the name of its pod. */
  readonly lag: ReadonlyMap<string, Lag>
  /** Slots that were given up, because they kept back more WAL than they may. */
  readonly lostSlots: readonly string[]
}

export interface MonitorOptions {
  /** Asked before each attempt; what it throws is one that failed. */
  readonly connection: () => Promise<pg.ClientConfig>
  readonly isPrivileged: () => boolean
  /** How many should follow. */
  readonly replicas: () => number
  readonly changed: () => void
  /** A sign of life does not come as fast as it usually does; it may come yet. */
  readonly late: () => void
  readonly log: Log
}

/**
 * Holds one connection of the monitoring role through the address that users are given. While it answers, the database
 * is there; when it breaks, that is known at once. A server that is not wanted (hibernated, deleted) is left alone.
 */
export class Monitor {
  readonly #connection: () => Promise<pg.ClientConfig>
  readonly #isPrivileged: () => boolean
  readonly #replicas: () => number
  readonly #changed: () => void
  readonly #late: () => void
  readonly #log: Log
  #stop: AbortController | undefined
  #doubt = Promise.withResolvers<void>()
  #vitals: Vitals | undefined
  #complaint = ''
  #running: Promise<void> = Promise.resolve()
  readonly #answered = Promise.withResolvers<void>()

  constructor({ changed, connection, isPrivileged, late, log, replicas }: MonitorOptions) {
    this.#connection = connection
    this.#isPrivileged = isPrivileged
    this.#replicas = replicas
    this.#changed = changed
    this.#late = late
    this.#log = log
  }

  get vitals(): Vitals | undefined {
    return this.#vitals
  }

  /** Code of the error with which the last attempt ended, such as `CERT_HAS_EXPIRED`; empty while it is answered. */
  get complaint(): string {
    return this.#complaint
  }

  /** Settles when it was answered once. */
  get answered(): Promise<void> {
    return this.#answered.promise
  }

  /** Connect and hold on, until `detach`. */
  attach(): void {
    if (this.#stop)
      return
    const stop = new AbortController()
    this.#stop = stop
    this.#running = this.#running.then(async () => await this.#run(stop.signal))
  }

  /** Look now: something was heard that a connection to a machine that is cut off does not tell. */
  look(): void {
    this.#doubt.resolve()
  }

  /** Let go, because the server is about to stop on purpose or because we are. */
  async detach(): Promise<void> {
    this.#stop?.abort()
    this.#stop = undefined
    await this.#running
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#hold(signal, () => failures = 0)
      }
      catch (error) {
        this.#log.debug({ err: error }, 'a database does not answer its monitoring')
        this.#complain(error)
      }
      this.#set(undefined)
      await delay(backOffMs[Math.min(failures, backOffMs.length - 1)], undefined, { signal, ref: false }).catch(ignoreAbort)
    }
  }

  /** One connection from its beginning to its end. */
  async #hold(signal: AbortSignal, answered: () => void): Promise<void> {
    const over = Promise.withResolvers<void>()
    const end = (): void => over.resolve()
    signal.addEventListener('abort', end, { once: true })
    let client: Client | undefined
    try {
      client = await turns.run(async () => signal.aborted ? undefined : await this.#connect(end))
      if (!client)
        return
      let before: { readonly count: number, readonly at: number } | undefined
      while (!signal.aborted) {
        const { transactions, ...vitals } = await readVitals(client, this.#isPrivileged())
        const counted = transactions === undefined ? undefined : { count: transactions, at: performance.now() }
        this.#set({ ...vitals, transactionsPerSecond: before && counted && transactionsPerSecond(before.count, counted.count, counted.at - before.at) })
        before = counted
        answered()
        const timer = new AbortController()
        this.#doubt = Promise.withResolvers()
        const isShort = this.#isPrivileged() && vitals.lag.size < this.#replicas()
        const isOver = await Promise.race([
          over.promise.then(() => true),
          this.#doubt.promise.then(() => false),
          this.#wait(client, isShort ? checkSoonMs : checkEveryMs, timer.signal),
        ])
        timer.abort()
        if (isOver)
          return
      }
    }
    finally {
      signal.removeEventListener('abort', end)
      if (client)
        await letGo(client)
    }
  }

  async #connect(lost: () => void): Promise<Client> {
    const client = new Client({
      ...await this.#connection(),
      connectionTimeoutMillis: answerWithinMs,
      query_timeout: answerWithinMs,
      keepAlive: true,
    })
    // A server that dies is heard of several times.
    client.on('error', lost)
    client.on('end', lost)
    try {
      await client.connect()
      return client
    }
    catch (error) {
      await letGo(client)
      throw error
    }
  }

  /** False: it is time to look again. True: it was ended. Throws when the server gives no sign of life. */
  async #wait(client: Client, ms: number, signal: AbortSignal): Promise<boolean> {
    const until = performance.now() + ms
    for (;;) {
      const rest = Math.max(0, until - performance.now())
      const isLooked = this.#replicas() > 0 && rest > signEveryMs
      const isOver = await delay(isLooked ? signEveryMs : rest, false, { signal, ref: false }).catch(() => true)
      if (isOver || !isLooked)
        return isOver
      const late = setTimeout(this.#late, signLateMs)
      try {
        await client.query({ text: 'select', query_timeout: signWithinMs } as QueryConfig)
      }
      finally {
        clearTimeout(late)
      }
    }
  }

  #complain(error: unknown): void {
    const complaint = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    const isNews = this.#complaint !== complaint
    this.#complaint = complaint
    if (isNews && !this.#vitals)
      this.#changed()
  }

  #set(vitals: Vitals | undefined): void {
    const isNews = JSON.stringify([vitals, ...vitals?.lag ?? []]) !== JSON.stringify([this.#vitals, ...this.#vitals?.lag ?? []])
    this.#vitals = vitals
    if (vitals) {
      this.#complaint = ''
      this.#answered.resolve()
    }
    if (isNews)
      this.#changed()
  }
}

/** Without the monitoring's privileges only what everybody may know is asked. */
async function readVitals(client: Client, isPrivileged: boolean): Promise<Omit<Vitals, 'transactionsPerSecond'> & { readonly transactions: number | undefined }> {
  const { rows } = await client.query<{ version: string, lag: Record<string, Lag> | null, lost: string[] | null }>(`
    select current_setting('server_version') as version,
      (select json_object_agg(application_name, json_build_object('bytes', greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 'seconds', coalesce(extract(epoch from replay_lag), 0))) from pg_stat_replication where replay_lsn is not null) as lag,
      (select array_agg(slot_name::text order by slot_name) from pg_replication_slots where wal_status = 'lost') as lost`)
  const usage = isPrivileged ? await readUsage(client) : undefined
  return {
    serverVersion: rows[0]?.version.split(' ')[0] ?? '',
    connections: await readConnections(client),
    storageUsedBytes: usage?.storageBytes,
    transactions: usage?.transactions,
    lag: new Map(Object.entries(rows[0]?.lag ?? {})),
    lostSlots: rows[0]?.lost ?? [],
  }
}

function ignoreAbort(error: unknown): void {
  if (error instanceof Error && error.name === 'AbortError')
    return
  throw error
}
