import type { Engine } from '@howdah/engine'
import type { Domain } from '../domain/domain.ts'
import type { DatabaseRow } from '../store/databases.ts'
import { refOf } from '../domain/database-spec.ts'
import { expiredDatabases, forgetDeletedDatabase, insertDeletedDatabase } from '../store/deleted-databases.ts'

/** Write down a database that is gone and has backups: for as long as they would have been kept it can be brought back. */
export async function rememberDeleted(domain: Domain, project: { id: string, name: string }, database: DatabaseRow, engine: Engine): Promise<void> {
  const { allowed_cidrs, backup, cpu, extensions, id, location, main_db, maintenance_window, memory_mib, name, owner, parameters, storage_gib, version } = database
  if (!backup || (await engine.backups(refOf(project, database))).length === 0)
    return
  await domain.store.db.transaction().execute(async tx => await insertDeletedDatabase(tx, {
    id,
    project_id: project.id,
    name,
    location,
    row: JSON.stringify({ allowed_cidrs, backup, cpu, extensions, id, location, main_db, maintenance_window, memory_mib, name, owner, parameters, storage_gib, version }),
    kept_until: new Date(Date.now() + backup.retentionDays * 86_400_000),
  }))
}

/** Remove the archives whose time is over. An engine that cannot do it now is asked again next time. */
export async function removeExpiredArchives(domain: Domain): Promise<void> {
  for (const { id, location, name, project } of await expiredDatabases(domain.store.db, [...domain.engines.keys()])) {
    try {
      await domain.engines.get(location)?.destroyArchive({ id, name, project })
      await forgetDeletedDatabase(domain.store.db, id)
    }
    catch (error) {
      domain.log.warn({ err: error, database: id, location }, 'the archive of a deleted database could not be removed; trying again later')
    }
  }
}
