import type { Delivered, Observed } from '@howdah/engine'
import type { DatabaseChange, DatabaseRow } from '../store/databases.ts'
import type { Domain } from './domain.ts'
import { insertDb } from '../store/database-users.ts'
import { findDatabaseById, insertDatabaseUnlessThere, lockDatabaseById, updateDatabase } from '../store/databases.ts'
import { findProjectByName } from '../store/projects.ts'
import { canonicalJson } from './audit-chain.ts'
import { change, system } from './change.ts'

/**
 * Keeps the record of a database that somebody else delivers to a location in step with what is delivered. One for a project that is
 * not there, or of a name that another database of the project has, is left out.
 */
export async function adopt(domain: Domain, location: string, { delivered, ref }: Observed): Promise<void> {
  if (!delivered)
    return
  const known = await findDatabaseById(domain.store.db, ref.id)
  if (known && isAsDelivered(known, delivered))
    return
  const project = await findProjectByName(domain.store.db, ref.project)
  if (!project)
    return domain.log.debug({ location, database: ref.id, project: ref.project }, 'a database is delivered for a project that is not there')
  await change(domain, project, system, async ({ announce, audit, tx }) => {
    const row = await lockDatabaseById(tx, ref.id)
    if (row && isAsDelivered(row, delivered))
      return
    if (row)
      await updateDatabase(tx, row.id, { ...columnsOf(delivered), generation: row.generation + 1, updated_at: new Date() })
    else if (!await insert())
      return domain.log.debug({ location, database: ref.id, name: ref.name }, 'a database is delivered under a name that another one has')
    audit({ action: row ? 'databases.update' : 'databases.adopt', target: `database/${ref.name}`, changes: { deliveredTo: location } })
    announce({ kind: 'database', name: ref.name })

    async function insert(): Promise<boolean> {
      const inserted = await insertDatabaseUnlessThere(tx, {
        id: ref.id,
        project_id: project!.id,
        name: ref.name,
        location,
        managed_by: 'git',
        labels: '{}',
        ...columnsOf(delivered!),
        main_db: delivered!.database,
        owner: delivered!.owner,
        phase: 'provisioning',
      })
      if (inserted)
        await insertDb(tx, { database_id: ref.id, name: delivered!.database, owner: delivered!.owner, is_main: true, phase: 'ready' })
      return inserted
    }
  })
}

function columnsOf({ cpu, durability, instances, memoryMib, parameters, storageGib, version }: Delivered) {
  return { version, instances, storage_gib: storageGib, cpu, memory_mib: memoryMib, durability, parameters: JSON.stringify(parameters) } satisfies DatabaseChange
}

function isAsDelivered(row: DatabaseRow, delivered: Delivered): boolean {
  const { parameters, ...columns } = columnsOf(delivered)
  return canonicalJson(row.parameters) === canonicalJson(JSON.parse(parameters))
    && Object.entries(columns).every(([column, value]) => row[column as keyof typeof columns] === value)
}
