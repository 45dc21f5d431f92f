import type { DatabaseSpec } from '@howdah/engine'
import type { Settings } from '@howdah/postgres'
import type { Database } from './database.ts'
import type { Passwords } from './member.ts'
import type { Applied } from './state.ts'
import { isRole, iterationsForMachines, maintenanceDatabase, monitorRole, quoteIdentifier, quoteLiteral, scramVerifier, superuserRole } from '@howdah/postgres'
import { specForServer } from './ensure.ts'
import { placeholderDatabase, placeholderOwner } from './preparation.ts'
import { askToReload } from './reload.ts'
import { areSameCidrs } from './running-member.ts'
import { beginArchive, writeConfiguration } from './server-control.ts'
import { openWithOneOf } from './sessions.ts'
import { writeApplied } from './state.ts'

/**
 * Turn a copy of the template into this database: passwords of its own for our roles, names and password of the
 * owner. One transaction; may be repeated. A server that ran before it was claimed also hears of other networks that may
 * connect, and archives from now on.
 */
export async function configureServer(db: Database, spec: DatabaseSpec, place: { readonly settings: Settings, readonly templatePassword: string }): Promise<void> {
  const { givenOwner, identity, startedWith } = db
  const isReloaded = startedWith !== undefined && !areSameCidrs(startedWith.allowedCidrs, spec.allowedCidrs)
  const isGiven = !isReloaded && givenOwner?.user === spec.owner.user && givenOwner.password === spec.owner.password
  const [ownerVerifier] = await Promise.all([
    isGiven ? givenOwner.verifier : scramVerifier(spec.owner.password),
    isReloaded ? writeConfiguration(db, place.settings, spec.allowedCidrs) : identity.isPrepared && beginArchive(db),
  ])
  if (isGiven)
    db.letSessionGo()
  else
    await configureBy(db, spec, { ownerVerifier, isReloaded, templatePassword: place.templatePassword })
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
  db.startedWith = undefined
  db.givenOwner = undefined
  db.rememberPassword(spec.owner.password)
}

async function configureBy(db: Database, spec: DatabaseSpec, { isReloaded, ownerVerifier, templatePassword }: { readonly isReloaded: boolean, readonly ownerVerifier: string, readonly templatePassword: string }): Promise<void> {
  const { identity, startedWith } = db
  // One that runs since before it was claimed has them.
  const ours = startedWith ? [] : await verifiersOfOurs(identity)
  const owner = quoteIdentifier(spec.owner.user)
  // A kill just after the transaction, or just before it, leaves us with the other one.
  const either = [templatePassword, identity.superuserPassword]
  const session = db.takeSession() ?? await openWithOneOf(db, identity.isPrepared ? either.reverse() : either, maintenanceDatabase)
  try {
    const isFirst = await isRole(session, placeholderOwner)
    const untilReloaded = isReloaded && await askToReload(session)
    await session.query(`
      begin;
      ${ours.map(([role, verifier]) => `alter role ${role} password ${quoteLiteral(verifier)};`).join('\n')}
      ${isFirst
        ? `alter role ${placeholderOwner} rename to ${owner};`
        : ''}
      alter role ${owner} password ${quoteLiteral(ownerVerifier)};
      ${isFirst
        ? `alter database ${placeholderDatabase} rename to ${quoteIdentifier(spec.database)};`
        : ''}
      commit`)
    if (untilReloaded)
      await untilReloaded()
  }
  finally {
    session.close()
  }
}

/** What our roles are given, by their names. */
async function verifiersOfOurs({ monitorPassword, superuserPassword }: Passwords): Promise<[string, string][]> {
  return await Promise.all(Object.entries({ [superuserRole]: superuserPassword, [monitorRole]: monitorPassword })
    .map(async ([role, password]): Promise<[string, string]> => [role, await scramVerifier(password, iterationsForMachines)]))
}
