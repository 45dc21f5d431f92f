import type { Engine, Progress } from '@howdah/engine'
import type { Domain } from '../domain/domain.ts'
import type { DatabaseRow } from '../store/databases.ts'
import { change, system } from '../domain/change.ts'
import { openPassword, refOf, sealPassword } from '../domain/database-spec.ts'
import { generatePassword } from '../domain/sealed.ts'
import { insertDatabaseUser, insertDb, listDatabaseUsers, listDbs, updateDatabaseUser } from '../store/database-users.ts'

/**
 * Write down the users and logical databases that came with the state of another database. Each user gets a password of
 * its own; what it may do is as the other database has it, and nothing where that does not know it any more.
 */
export async function takeOver(domain: Domain, project: { id: string, name: string }, database: DatabaseRow, engine: Engine): Promise<Progress> {
  const ref = refOf(project, database)
  const [roles, logicals, known, before] = await Promise.all([
    engine.roles(ref),
    engine.logicalDatabases(ref),
    listDatabaseUsers(domain.store.db, database.id),
    listDatabaseUsers(domain.store.db, database.origin?.id ?? database.id),
  ])
  await change(domain, project, system, async ({ tx }) => {
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
    const dbs = new Set((await listDbs(tx, database.id)).map(({ name }) => name))
    for (const { name, owner } of logicals.filter(({ name }) => !dbs.has(name)))
      await insertDb(tx, { database_id: database.id, name, owner, phase: 'ready', operation_id: null })
  })
  for (const user of (await listDatabaseUsers(domain.store.db, database.id)).filter(({ operation_id, phase, is_owner }) => !is_owner && phase === 'creating' && operation_id === null)) {
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
