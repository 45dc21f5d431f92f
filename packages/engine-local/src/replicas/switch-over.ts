import type { Progress } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { Place } from './place.ts'
import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hasCode } from '@howdah/machine'
import { maintenanceDatabase, parseLsn } from '@howdah/postgres'
import { startServer, stopServer } from '../server-control.ts'
import { lead } from './lead.ts'
import { promote } from './promote.ts'
import { setTopology } from './topology.ts'

const receivesWithinMs = 10_000

/**
 * Hand the role to a replica that has everything: clients wait, the primary stops in order and sends its last WAL, and only when
 * the heir has replayed that is it put on record and promoted. The old one follows it. Runs inside `db.exclusive`.
 */
export async function switchOver(place: Place, order: { readonly id: string, readonly heir: number }): Promise<Progress> {
  const { db, event } = place
  const { applied, topology } = db
  if (!topology || !applied)
    throw new Error('a database of one instance has nobody to hand over to')
  const old = db.primary
  await setTopology(db, { pendingSwitchover: order.id })
  // What the shutdown would have to write is written before clients wait for it.
  await db.asSuperuser(maintenanceDatabase, async session => await session.query('checkpoint'))
  const began = performance.now()
  await lead(place, 'nobody')
  await stopServer(db)
  if (!await hasReceived(db, order.heir, await lastCheckpoint(old.paths.data))) {
    await setTopology(db, { pendingSwitchover: '' })
    const outcome = await startServer(db, applied.settings, applied.spec.allowedCidrs)
    if (outcome.kind !== 'failed' && outcome.server)
      place.started(old, outcome.server)
    await lead(place, 'primary')
    return { outcome: 'failed', step: 'hand-over', reason: 'NoReplica', message: `${db.memberName(order.heir)} did not receive all that was committed, so ${db.memberName(old.ordinal)} stays the primary.`, nextStep: 'Look at its lag, and try again.' }
  }
  await setTopology(db, { epoch: topology.epoch + 1, primary: order.heir, isPromoted: false, before: old.ordinal, inherits: true, switchover: order.id, pendingSwitchover: '' })
  await promote(place)
  event('switchover.done', 'info', `${db.memberName(order.heir)} is the primary now; ${db.memberName(old.ordinal)} follows it.`, {
    from: db.memberName(old.ordinal),
    to: db.memberName(order.heir),
    epoch: db.topology?.epoch,
    tookMs: Math.round(performance.now() - began),
  })
  return { outcome: 'continue', step: 'hand-over' }
}

/** `DB_SHUTDOWNED` of PostgreSQL's `pg_control.h`. */
const shutDown = 1
/** Offsets in `ControlFileData`, the same from 14 to 18: state, and position of the newest checkpoint. */
const stateOffset = 16
const checkpointOffset = 32

/** Position of the record that a server wrote last when it stopped in order; undefined of one that did not, or is damaged. */
export async function lastCheckpoint(data: string): Promise<bigint | undefined> {
  const control = await readFile(join(data, 'global', 'pg_control')).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT'))
      return Buffer.alloc(checkpointOffset + 8)
    throw error
  })
  return control.readUInt32LE(stateOffset) === shutDown ? control.readBigUInt64LE(checkpointOffset) : undefined
}

async function hasReceived(db: Database, ordinal: number, checkpoint: bigint | undefined): Promise<boolean> {
  if (checkpoint === undefined)
    return false
  return await db.asSuperuserOf(db.instance(ordinal), maintenanceDatabase, async (session) => {
    const deadline = performance.now() + receivesWithinMs
    for (;;) {
      const [row] = await session.query<{ lsn: string | null }>('select pg_last_wal_replay_lsn()::text as lsn')
      if ((parseLsn(row?.lsn ?? '') ?? 0n) > checkpoint)
        return true
      if (performance.now() > deadline)
        return false
      await delay(5)
    }
  })
}
