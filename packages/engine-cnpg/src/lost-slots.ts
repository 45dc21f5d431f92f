import type { Session } from '@howdah/postgres'
import type { Happening } from './events.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase } from '@howdah/postgres'

/** Slots of replicas, which the operator makes where they are missing and leaves alone where they are lost. */
const replicaSlot = /^_cnpg_/
/** A replica asks for its slot every 100 ms, and holds it for a moment. */
const attempts = 50
const betweenAttemptsMs = 100

interface Server {
  readonly asSuperuser: <T>(database: string, work: (session: Session) => Promise<T>) => Promise<T>
}

/** Tells of each slot once that PostgreSQL gave up, because it kept back more WAL than it may. */
export class LostSlots {
  #known: ReadonlySet<string> | undefined

  /** `lost`: those that are lost now, where that is known. What is seen first was told when it began. */
  next(lost: readonly string[] | undefined): readonly Happening[] {
    if (!lost)
      return []
    const known = this.#known
    this.#known = new Set(lost)
    return known ? lost.filter(slot => !known.has(slot)).map(happening) : []
  }
}

function happening(slot: string): Happening {
  const kept = 'kept back more WAL than it may, and was given up before the volume is full'
  return {
    type: 'slot.lost',
    severity: 'warning',
    message: replicaSlot.test(slot)
      ? `The slot ${slot} of a replica that did not follow ${kept}. It is made anew; the replica reads what it lacks from the archive.`
      : `The slot ${slot} ${kept}. Whoever reads from it has to begin anew: drop it, and make another one.`,
    details: { slot },
  }
}

/** Those of replicas among them begin anew: a replica is refused as long as its slot is there and lost. */
export async function remakeReplicaSlots(server: Server, lost: readonly string[]): Promise<void> {
  for (const slot of lost.filter(name => replicaSlot.test(name)))
    await remake(server, slot)
}

async function remake(server: Server, slot: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.asSuperuser(maintenanceDatabase, async (session) => {
        await session.query(`
          select pg_drop_replication_slot(slot_name), pg_create_physical_replication_slot(slot_name, true)
          from pg_replication_slots where slot_name = $1 and wal_status = 'lost'`, [slot])
      })
    }
    catch (error) {
      if (!isHeld(error) || attempt === attempts)
        throw error
      await delay(betweenAttemptsMs)
    }
  }
}

/** As PostgreSQL says it (object_in_use). */
function isHeld(error: unknown): boolean {
  return error instanceof EngineError && error.cause instanceof Error && 'code' in error.cause && error.cause.code === '55006'
}
