import type { DatabaseSpec } from '@howdah/engine'
import type { Session, Settings } from '@howdah/postgres'
import type { Database } from './database.ts'
import type { Applied } from './state.ts'
import { isRole, iterationsForMachines, maintenanceDatabase, monitorRole, quoteIdentifier, quoteLiteral, scramVerifier, superuserRole } from '@howdah/postgres'
import { DatabaseError } from 'pg'
import { specForServer } from './ensure.ts'
import { placeholderDatabase, placeholderOwner } from './preparation.ts'
import { asSuperuser } from './sessions.ts'
import { writeApplied } from './state.ts'

/**
 * Turn a copy of the template into this database: passwords of its own for our roles, names and password of the
 * owner. One transaction; may be repeated.
 */
export async function configureServer(db: Database, spec: DatabaseSpec, place: { readonly settings: Settings, readonly templatePassword: string }): Promise<void> {
  const { identity } = db
  const [ownerVerifier, superuser, monitor] = await Promise.all([
    scramVerifier(spec.owner.password),
    scramVerifier(identity.superuserPassword, iterationsForMachines),
    scramVerifier(identity.monitorPassword, iterationsForMachines),
  ])
  const owner = quoteIdentifier(spec.owner.user)
  const work = async (session: Session): Promise<void> => {
    const isFirst = await isRole(session, placeholderOwner)
    await session.query(`
      begin;
      alter role ${superuserRole} password ${quoteLiteral(superuser)};
      alter role ${monitorRole} password ${quoteLiteral(monitor)};
      ${isFirst
        ? `alter role ${placeholderOwner} rename to ${owner};`
        : ''}
      alter role ${owner} password ${quoteLiteral(ownerVerifier)};
      ${isFirst
        ? `alter database ${placeholderDatabase} rename to ${quoteIdentifier(spec.database)};`
        : ''}
      commit`)
  }
  await withEitherPassword(db, place.templatePassword, work)
  const applied: Applied = {
    generation: 0,
    owner: spec.owner.user,
    ownerVerifier,
    database: spec.database,
    spec: specForServer(spec),
    settings: place.settings,
    extensions: [],
    restartToken: spec.restartToken,
    hibernated: false,
  }
  await writeApplied(db.paths, applied, false)
  db.applied = applied
  db.rememberPassword(spec.owner.password)
}

/** The template's password serves until the transaction; a kill just after it leaves us with our own. */
async function withEitherPassword(db: Database, templatePassword: string, work: (session: Session) => Promise<void>): Promise<void> {
  try {
    const server = {
      identity: { ...db.identity, superuserPassword: templatePassword },
      socketFolder: db.socketFolder,
    }
    await asSuperuser(server, maintenanceDatabase, work)
  }
  catch (error) {
    const cause = error instanceof Error
      ? error.cause
      : undefined
    if (!(cause instanceof DatabaseError && cause.code === '28P01'))
      throw error
    await db.asSuperuser(maintenanceDatabase, work)
  }
}
