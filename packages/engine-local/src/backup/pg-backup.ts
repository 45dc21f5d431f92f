import type { Session } from '@howdah/postgres'
import type { Database } from '../database.ts'
import { maintenanceDatabase } from '@howdah/postgres'

/** A checkpoint of much that is dirty takes minutes on a slow disk. */
const checkpointWithinMs = 30 * 60_000

type Started = Awaited<ReturnType<typeof start>>
type Stopped = Awaited<ReturnType<typeof stop>>

/**
 * Copy files between PostgreSQL's begin and end of a backup. When the session ends before its end, there is no backup. `meanwhile`: what
 * can be done while the server writes its checkpoint.
 */
export async function backingUp<T>(db: Database, label: string, copy: () => Promise<T>, meanwhile: () => Promise<void> = async () => {}): Promise<{ started: Started, stopped: Stopped, result: T }> {
  return await db.asSuperuser(maintenanceDatabase, async (session) => {
    const [starting, prepared] = await Promise.allSettled([start(session, db.identity.major, label), meanwhile()])
    if (starting.status === 'rejected')
      throw starting.reason
    if (prepared.status === 'rejected')
      throw prepared.reason
    const started = starting.value
    const result = await copy()
    return { started, stopped: await stop(session, db.identity.major), result }
  }, { statementMs: checkpointWithinMs })
}

/** PostgreSQL 15 gave both functions new names. */
async function start(session: Session, major: number, label: string) {
  const call = major >= 15 ? 'pg_backup_start($1, fast => true)' : 'pg_start_backup($1, true, false)'
  const [row] = await session.query<{ lsn: string, at: string, timeline: number, version: string, system: string }>(`
    select lsn::text, to_json(clock_timestamp())#>>'{}' as at,
      ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::int as timeline,
      split_part(current_setting('server_version'), ' ', 1) as version,
      (select system_identifier::text from pg_control_system()) as system
    from ${call} as lsn`, [label])
  if (!row)
    throw new Error('the server did not say where the backup begins')
  return row
}

async function stop(session: Session, major: number) {
  const call = major >= 15 ? 'pg_backup_stop(wait_for_archive => false)' : 'pg_stop_backup(false, false)'
  const [row] = await session.query<{ lsn: string, at: string, label: string }>(`
    select lsn::text, labelfile as label, to_json(clock_timestamp())#>>'{}' as at from ${call}`)
  if (!row)
    throw new Error('the server did not say where the backup ends')
  return row
}
