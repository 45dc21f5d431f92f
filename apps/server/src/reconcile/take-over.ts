import type { Engine, Progress } from '@howdah/engine'
import type { Domain } from '../domain/domain.ts'
import type { DatabaseRow } from '../store/databases.ts'
import { change, system } from '../domain/change.ts'
import { openPassword, refOf, sealPassword } from '../domain/database-spec.ts'
import { generatePassword } from '../domain/sealed.ts'
import { deleteDb, insertDatabaseUser, insertDb, listDatabaseUsers, listDbs, updateDatabaseUser } from '../store/database-users.ts'
import { insertServiceEvent } from '../store/service-events.ts'

/**
 * Write down the users and logical databases that came with the state of another database, or of another time. A user that is
 * not known gets a password of its own; what it may do is as the other database has it, and nothing where that does not
 * know it any more. `again`: those that are known stay what they are, and are there again; logical databases that are not in the
 * state are gone.
 */
export async function takeOver(domain: Domain, project: { id: string, name: string }, database: DatabaseRow, engine: Engine, how: 'new' | 'again'): Promise<Progress> {
  const ref = refOf(project, database)
  const [roles, logicals, known, before] = await Promise.all([
    engine.roles(ref),
    engine.logicalDatabases(ref),
    listDatabaseUsers(domain.store.db, database.id),
    listDatabaseUsers(domain.store.db, database.origin?.id ?? database.id),
  ])
  await change(domain, project, system, async (change) => {
    const { tx } = change
    const users = new Set(known.map(({ name }) => name))
    for (const { connectionLimit, name } of roles.filter(({ name }) => !users.has(name))) {
      await insertDatabaseUser(tx, {
        database_id: database.id,
        name,
        access: before.find(user => user.name === name)?.access ?? 'none',
        connection_limit: connectionLimit,
        password: sealPassword(domain, project, database.id, name, generatePassword()),
        next_password: null,
        phase: 'creating',
        operation_id: null,
      })
    }
    const dbs = await listDbs(tx, database.id)
    for (const { name, owner } of logicals.filter(({ name }) => !dbs.some(db => db.name === name)))
      await insertDb(tx, { database_id: database.id, name, owner, phase: 'ready', operation_id: null })
    const gone = how === 'again' ? dbs.filter(db => !db.is_main && db.operation_id === null && !logicals.some(({ name }) => name === db.name)).map(({ name }) => name) : []
    for (const name of gone)
      await deleteDb(tx, database.id, name)
    if (gone.length > 0) {
      const message = `What was restored has no logical database ${gone.map(name => `"${name}"`).join(', ')}.`
      const id = await insertServiceEvent(tx, { projectId: project.id, databaseId: database.id, databaseName: database.name, type: 'restore.without', severity: 'warning', message, details: { dbs: gone } })
      change.announce({ kind: 'event', name: database.name, refId: id })
    }
  })
  const isMeant = (phase: string): boolean => phase === 'creating' || (how === 'again' && phase === 'ready')
  for (const user of (await listDatabaseUsers(domain.store.db, database.id)).filter(({ operation_id, phase, is_owner }) => !is_owner && isMeant(phase) && operation_id === null)) {
    await engine.ensureRole(ref, {
      name: user.name,
      password: openPassword(domain, project, database.id, user.name, user.password),
      access: user.access as 'owner' | 'read-write' | 'read-only' | 'none', // the contract's enum is what was written
      connectionLimit: user.connection_limit,
    })
    await change(domain, project, system, async ({ tx }) => await updateDatabaseUser(tx, user.database_id, user.name, { phase: 'ready' }))
  }
  return { outcome: 'done' }
}
