import type { Database } from '../database.ts'
import { maintenanceDatabase } from '@howdah/postgres'
import { replicationName } from './instance-settings.ts'

/** Let the primary keep WAL for these from now on. One that lost its place begins anew. */
export async function ensureSlots(db: Database, ordinals: readonly number[]): Promise<void> {
  await db.asSuperuser(maintenanceDatabase, async (session) => {
    for (const name of ordinals.map(replicationName)) {
      await session.query('select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1 and wal_status = \'lost\'', [name])
      await session.query('select pg_create_physical_replication_slot($1, true) where not exists (select from pg_replication_slots where slot_name = $1)', [name])
    }
  })
}

/** Keep no WAL for it any longer. Its server has ended, so nobody holds the slot but for a moment. */
export async function dropSlot(db: Database, ordinal: number): Promise<void> {
  const name = replicationName(ordinal)
  await db.asSuperuser(maintenanceDatabase, async (session) => {
    await session.query('select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = $1 and active', [name])
    await session.query('select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1', [name])
  })
}
