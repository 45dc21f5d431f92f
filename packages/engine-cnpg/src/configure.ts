import type { Catalogue, Session } from '@howdah/postgres'
import type { Database } from './database.ts'
import { inbornExtension } from '@howdah/engine'
import { dataGrantsFor, grantDataAccess, isRole, iterationsForMachines, listExtensions, maintenanceDatabase, monitorRole, quoteIdentifier, quoteLiteral, readerRole, scramVerifier, writerRole } from '@howdah/postgres'
import { superuserName } from './names.ts'

/** Our roles, and what they may in every logical database to come. May be repeated. */
export async function configureServer(db: Database, major: number, monitorPassword: string): Promise<void> {
  await admitMonitor(db, major, monitorPassword)
  await db.asSuperuser('template1', async session => await alone(session, async () => {
    if (major < 15) {
      // As PostgreSQL 15 and later have it: only the owner of the database may create in `public`.
      await session.query('revoke create on schema public from public; alter schema public owner to pg_database_owner')
    }
    await session.query(dataGrantsFor(db.owner))
  }))
  await db.asSuperuser(db.main, async session => await alone(session, async () => await grantDataAccess(session, [db.owner])))
}

/** The roles that belong to the server as a whole, and with which password our monitoring gets in. */
export async function admitMonitor(db: Database, major: number, monitorPassword: string): Promise<void> {
  const verifier = await scramVerifier(monitorPassword, iterationsForMachines)
  await db.asSuperuser(maintenanceDatabase, async session => await alone(session, async () => {
    await createRoles(session, [monitorRole, readerRole, writerRole])
    await session.query(`
      alter role ${monitorRole} login password ${quoteLiteral(verifier)};
      grant pg_monitor to ${monitorRole};
      ${major >= 16 ? `grant pg_use_reserved_connections to ${monitorRole}` : ''}`)
  }))
}

/** What users need to be given access in a server that we did not make: two roles, and what they may in the database that is there. */
export async function prepareForUsers(db: Database): Promise<void> {
  if (db.cluster.isOurs)
    return
  await db.asSuperuser(maintenanceDatabase, async session => await alone(session, async () => await createRoles(session, [readerRole, writerRole])))
  await db.asSuperuser(db.main, async session => await alone(session, async () => await grantDataAccess(session, [db.owner])))
}

/** What a server has from the one that it was made from. Answers the extensions that are on. */
export async function inherit(db: Database, catalogue: Catalogue): Promise<string[]> {
  await forgetPasswords(db)
  return (await listExtensions(db, catalogue)).filter(({ installedVersion, name }) => installedVersion !== null && name !== inbornExtension).map(({ name }) => name)
}

/** Those of a server that it was made from open nothing here but the owner's, which is set anew. */
export async function forgetPasswords(db: Database): Promise<void> {
  await db.asSuperuser(maintenanceDatabase, async session => await alone(session, async () => {
    const kept = [superuserName, monitorRole, db.owner]
    const roles = await session.query<{ rolname: string }>(
      'select rolname from pg_catalog.pg_authid where rolpassword is not null and not rolname = any ($1)',
      [kept],
    )
    for (const { rolname } of roles)
      await session.query(`alter role ${quoteIdentifier(rolname)} password null`)
  }))
}

async function createRoles(session: Session, names: readonly string[]): Promise<void> {
  for (const role of names) {
    if (!await isRole(session, role))
      await session.query(`create role ${role}`)
  }
}

/** Any number: it only has to be the same for everybody who does this. */
const lock = 4_803_171

/** In one transaction, and one process at a time: several control planes may do the same now, and most of this has no "if it is not there". */
async function alone(session: Session, work: () => Promise<void>): Promise<void> {
  await session.query(`begin; select pg_catalog.pg_advisory_xact_lock(${lock})`)
  await work()
  await session.query('commit')
}
