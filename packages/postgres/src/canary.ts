import type { Server } from './server.ts'
import { maintenanceDatabase } from './names.ts'

/** A row that a drill looks for in what it restored. Where it stands nobody but the superuser comes. */
export interface Canary {
  readonly drill: string
  /** When it was committed, by the server's clock. */
  readonly at: Date
  /** The file of WAL that holds the commit. */
  readonly segment: string
}

export async function writeCanary(server: Pick<Server, 'asSuperuser'>, drill: string): Promise<Canary> {
  return await server.asSuperuser(maintenanceDatabase, async (session) => {
    await session.query('create schema if not exists howdah')
    await session.query('create table if not exists howdah.canary (drill text not null, at timestamptz not null)')
    const [row] = await session.query<{ at: Date }>('with before as (delete from howdah.canary) insert into howdah.canary values ($1, clock_timestamp()) returning at', [drill])
    const [place] = await session.query<{ segment: string }>('select pg_walfile_name(pg_current_wal_insert_lsn()) as segment')
    if (!row || !place)
      throw new Error('the server did not say where the canary is')
    return { drill, at: row.at, segment: place.segment }
  })
}
