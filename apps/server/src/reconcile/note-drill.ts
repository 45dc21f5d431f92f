import type { Engine } from '@howdah/engine'
import type { Domain } from '../domain/domain.ts'
import type { DatabaseRow } from '../store/databases.ts'
import type { StoredDrill } from '../store/schema.ts'
import { change, system } from '../domain/change.ts'
import { refOf } from '../domain/database-spec.ts'
import { lockDatabaseById, updateDatabase } from '../store/databases.ts'

/** Write down beside the database what a drill found; the whole of it stays with the backup. */
export async function noteDrill(domain: Domain, project: { id: string, name: string }, database: DatabaseRow, engine: Engine, drill: string): Promise<void> {
  const backup = (await engine.backups(refOf(project, database))).find(({ proof }) => proof?.drill === drill)
  if (!backup?.proof)
    return
  const { at, dataLossMs, isGood, message, recoveryTimeMs } = backup.proof
  const found: StoredDrill = { backup: backup.id, at: at.toISOString(), outcome: isGood ? 'passed' : 'failed', message, recoveryTimeMs, dataLossMs }
  await change(domain, project, system, async (change) => {
    // It may have been deleted meanwhile.
    if (!await lockDatabaseById(change.tx, database.id))
      return
    await updateDatabase(change.tx, database.id, { last_drill: JSON.stringify(found) })
    change.announce({ kind: 'database', name: database.name })
  })
}
