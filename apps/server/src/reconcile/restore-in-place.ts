import type { DatabaseRef, Engine, Progress } from '@howdah/engine'
import type { Domain } from '../domain/domain.ts'
import type { OperationRow } from '../store/operations.ts'
import type { StoredRestore } from '../store/schema.ts'
import type { Target } from './run-step.ts'
import { change, system } from '../domain/change.ts'
import { refOf, sourceOf, specOf } from '../domain/database-spec.ts'
import { undoMoment } from '../domain/undo-moment.ts'
import { databasesWithUndoOver, updateDatabase } from '../store/databases.ts'
import { takeOver } from './take-over.ts'

/**
 * One bounded step of a restore in place, of a reset, of an upgrade, or of undoing one of them: first the data, then the spec, which it knows
 * nothing of, then the users and logical databases that are in it.
 */
export async function stepInPlace(domain: Domain, project: { id: string, name: string }, { id, restore }: OperationRow, { database, owner }: Target, engine: Engine): Promise<Progress> {
  if (!owner || !restore || 'method' in restore)
    return { outcome: 'failed', step: '', reason: 'RecordMissing', message: 'The record of what is to be restored is missing.', nextStep: 'Tell the operator of the platform.' }
  const ref = refOf(project, database)
  const progress = await becomeOther(engine, ref, id, restore)
  if (progress.outcome !== 'done')
    return progress
  const version = ('upgrade' in restore ? restore.upgrade : 'undoes' in restore ? restore.version : undefined) ?? database.version
  if (version !== database.version)
    await change(domain, project, system, async ({ tx }) => await updateDatabase(tx, database.id, { version }))
  const ensured = await engine.ensure(specOf(domain, project, { ...database, version }, owner))
  return ensured.outcome === 'done' ? await takeOver(domain, project, database, engine, 'again') : ensured
}

async function becomeOther(engine: Engine, ref: DatabaseRef, id: string, restore: StoredRestore): Promise<Progress> {
  if ('undoes' in restore)
    return await engine.undoRestore(ref, restore.undoes)
  if ('upgrade' in restore)
    return await engine.upgrade(ref, { id, version: restore.upgrade, undoUntil: new Date(restore.undoUntil ?? undoMoment(undefined)) })
  return await engine.restore(ref, { id, from: sourceOf(restore.from), undoUntil: new Date(restore.undoUntil) })
}

/** Give up what is kept for longer than was asked. An engine that cannot do it now is asked again next time. */
export async function endUndos(domain: Domain): Promise<void> {
  for (const { id, location, name, project } of await databasesWithUndoOver(domain.store.db, [...domain.engines.keys()])) {
    try {
      await domain.engines.get(location)?.endUndo({ id, name, project })
    }
    catch (error) {
      domain.log.warn({ err: error, database: id, location }, 'what was kept for undoing a restore could not be removed; trying again later')
    }
  }
}
