import type { LogicalDatabaseObserved, LogicalDatabaseSpec } from '@howdah/engine'
import type { Server } from './server.ts'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase, refuseDatabaseName } from './names.ts'
import { grantDataAccess, isRole, listRoles } from './roles.ts'
import { quoteIdentifier } from './sql.ts'

export async function listLogicalDatabases(db: Server): Promise<LogicalDatabaseObserved[]> {
  const rows = await db.asSuperuser(maintenanceDatabase, async session =>
    await session.query<Omit<LogicalDatabaseObserved, 'sizeBytes'> & { bytes: string }>(`
      select d.datname as name, r.rolname as owner, pg_database_size(d.oid) as bytes,
        (select count(*)::int from pg_stat_activity a where a.datid = d.oid and a.backend_type = 'client backend') as sessions
      from pg_database d join pg_roles r on r.oid = d.datdba
      where not d.datistemplate and d.datname <> $1
      order by 1`, [maintenanceDatabase]))
  return rows.map(({ bytes, ...row }) => ({
    ...row,
    sizeBytes: Number(bytes),
  }))
}

/** Create it, or give it to another owner. */
export async function ensureLogicalDatabase(db: Server, wanted: LogicalDatabaseSpec): Promise<void> {
  refuseReserved(wanted.name)
  const name = quoteIdentifier(wanted.name, '/name')
  const owner = quoteIdentifier(wanted.owner, '/owner')
  await db.asSuperuser(maintenanceDatabase, async (session) => {
    if (!await isRole(session, wanted.owner))
      throw new EngineError('not-found', `There is no user "${wanted.owner}" in this database.`, { pointer: '/owner' })
    const [found] = await session.query<{ owner: string }>(
      'select r.rolname as owner from pg_database d join pg_roles r on r.oid = d.datdba where d.datname = $1',
      [wanted.name],
    )
    if (!found)
      await session.query(`create database ${name} owner ${owner} template template1`)
    else if (found.owner !== wanted.owner)
      await session.query(`alter database ${name} owner to ${owner}`)
  })
  const creators = (await listRoles(db)).map(role => role.name)
  await db.asSuperuser(wanted.name, async session => await grantDataAccess(session, creators))
}

/** Drop it and end its sessions. */
export async function dropLogicalDatabase(db: Server, name: string): Promise<void> {
  if (name === db.main)
    throw new EngineError('conflict', `"${name}" is the first logical database and goes with the database itself.`, { pointer: '/name' })
  refuseReserved(name)
  await db.asSuperuser(maintenanceDatabase, async session => await session.query(`drop database if exists ${quoteIdentifier(name, '/name')} with (force)`))
}

function refuseReserved(name: string): void {
  const refusal = refuseDatabaseName(name)
  if (refusal)
    throw new EngineError('invalid', refusal, { pointer: '/name' })
}
