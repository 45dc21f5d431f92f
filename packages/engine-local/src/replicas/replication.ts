import type { DatabaseSpec, EnginePhase, Member } from '@howdah/engine'
import type { Client } from 'pg'
import type { Database } from '../database.ts'
import type { PortBook } from '../ports.ts'
import type { StartOutcome } from '../server-control.ts'
import type { Place } from './place.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase } from '@howdah/postgres'
import { startServer, stopServer } from '../server-control.ts'
import { settleInheritance } from './archive-inherited.ts'
import { GatewayLink } from './gateway-link.ts'
import { holdRole } from './hold-role.ts'
import { lead } from './lead.ts'
import { Members } from './members.ts'
import { ensureConfigured, reconfigure } from './reconfigure.ts'
import { beginTopology, ensureReplicationRole, grow, shrink } from './scale.ts'
import { switchOver } from './switch-over.ts'
import { setTopology } from './topology.ts'

const replaysWithinMs = 5_000
/** A replica that a load has left behind, or that has just been started again, has replayed what it lacks within moments. */
export const catchesUpWithinMs = 5_000

/** The instances of one database and its gateway, while we run. Everything that changes them runs inside `db.exclusive`. */
export class Replication {
  readonly #place: Place
  readonly #members: Members
  /** The switchover for which nobody was fit. */
  #order: { readonly id: string, readonly at: number } | undefined

  constructor(db: Database, hears: Pick<Place, 'started' | 'event'> & { readonly gatewayLost: () => void }) {
    this.#place = { db, started: hears.started, event: hears.event, link: new GatewayLink(db, hears.gatewayLost) }
    this.#members = new Members(this.#place)
  }

  get areWhole(): boolean {
    return this.#members.areWhole
  }

  get news(): string {
    return this.#members.news
  }

  observed(phase: EnginePhase): Member[] {
    return this.#members.observed(phase)
  }

  /** See that somebody holds the role, and clients are led there. */
  async hold(): Promise<StartOutcome> {
    this.#members.forget()
    return await holdRole(this.#place, this.#members.seen)
  }

  async look(client: Client): Promise<void> {
    await this.#members.look(client)
  }

  /** While the primary serves: see to the replicas, and that the gateway answers. */
  async tend(): Promise<void> {
    await ensureConfigured(this.#place.db)
    await this.lead()
    // First: it may be on the disk of one that is copied anew.
    await settleInheritance(this.#place.db)
    await this.#members.tend()
  }

  /** Put the gateway in front of a database that had one instance: its server moves, which is a restart. */
  async begin(ports: PortBook): Promise<void> {
    const { db } = this.#place
    if (!db.topology)
      await beginTopology(db, ports)
  }

  async scale(instances: number, ports: PortBook): Promise<void> {
    const { db } = this.#place
    const count = db.topology?.members.length ?? 0
    if (instances > count) {
      await ensureReplicationRole(db)
      await grow(db, ports, instances)
    }
    else if (instances < count) {
      await settleInheritance(db)
      await shrink(this.#place, this.#members, ports, instances)
    }
  }

  /** To `sync` it is on record before it is so, from `sync` after: what counts as acknowledged is never more than what is. */
  async setDurability(durability: DatabaseSpec['durability']): Promise<void> {
    const { db } = this.#place
    if (durability === 'sync')
      await setTopology(db, { durability })
    else if (db.topology)
      db.topology = { ...db.topology, durability }
    await reconfigure(db)
    await setTopology(db, { durability })
  }

  async lead(): Promise<void> {
    await lead(this.#place, 'primary')
  }

  /** Let the other instances have the settings that the primary has by now. */
  async reload(): Promise<void> {
    await reconfigure(this.#place.db)
    await lead(this.#place, 'primary')
  }

  /**
   * Start the replicas again with the settings of the primary, which was started with them before: a replica does not start with less
   * than its primary had when it wrote what is to be replayed.
   */
  async restartReplicas(which = (_ordinal: number): boolean => true): Promise<void> {
    const { db, started } = this.#place
    const { applied } = db
    if (!applied)
      return
    const [now] = await db.asSuperuser(maintenanceDatabase, async session => await session.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn'))
    for (const instance of db.instances.filter(({ ordinal }) => ordinal !== db.topology?.primary && which(ordinal))) {
      await this.#untilReplayed(instance.ordinal, now?.lsn ?? '0/0')
      await stopServer(db, 'fast', instance)
      const outcome = await startServer(db, applied.settings, applied.spec.allowedCidrs, instance)
      if (outcome.kind !== 'failed' && outcome.server)
        started(instance, outcome.server)
    }
  }

  /** Whether it is known who is fit. */
  get hasLooked(): boolean {
    return this.#members.hasLooked
  }

  lagOf(ordinal: number): number | undefined {
    return this.#members.lagOf(ordinal)
  }

  /** Whether a switchover for which nobody is fit may look again: for some seconds since it was first asked for here. */
  mayLookAgain(id: string): boolean {
    if (this.#order?.id !== id)
      this.#order = { id, at: performance.now() }
    return performance.now() - this.#order.at < catchesUpWithinMs
  }

  async switchOver(order: { readonly id: string, readonly heir: number }) {
    try {
      return await switchOver(this.#place, order)
    }
    finally {
      this.#members.forget()
    }
  }

  /** Stop all of it in order; the data stays. */
  async stop(): Promise<void> {
    const { db, link } = this.#place
    await this.#members.cancel()
    await link.stop()
    // The primary first: its last WAL goes to those who listen.
    await stopServer(db)
    await Promise.all(db.instances.map(async instance => await stopServer(db, 'fast', instance)))
  }

  /** Let go; all of it runs on. */
  async close(): Promise<void> {
    this.#place.link.close()
    await this.#members.cancel()
  }

  /** A replica that lacks what the primary has now pauses, and need not be waited for; nor does one that does not answer. */
  async #untilReplayed(ordinal: number, lsn: string): Promise<void> {
    const { db } = this.#place
    const deadline = performance.now() + replaysWithinMs
    try {
      await db.asSuperuserOf(db.instance(ordinal), maintenanceDatabase, async (session) => {
        while (performance.now() < deadline) {
          const [row] = await session.query<{ done: boolean }>('select pg_last_wal_replay_lsn() >= $1::pg_lsn or pg_get_wal_replay_pause_state() = \'paused\' as done', [lsn])
          if (row?.done)
            return
          await delay(5)
        }
      })
    }
    catch (error) {
      if (!(error instanceof EngineError && error.code === 'unavailable'))
        throw error
    }
  }
}
