import type { Database } from './database.ts'
import { dataGrantsFor, grantDataAccess, isRole, iterationsForMachines, maintenanceDatabase, monitorRole, quoteLiteral, readerRole, scramVerifier, writerRole } from '@howdah/postgres'

/** Our roles, and what they may in every logical database to come. May be repeated. */
export async function configureServer(db: Database, major: number, monitorPassword: string): Promise<void> {
  const verifier = await scramVerifier(monitorPassword, iterationsForMachines)
  await db.asSuperuser(maintenanceDatabase, async (session) => {
    const create = async (role: string): Promise<string> => await isRole(session, role) ? '' : `create role ${role};`
    await session.query(`
      begin;
      ${await create(monitorRole)}
      ${await create(readerRole)}
      ${await create(writerRole)}
      alter role ${monitorRole} login password ${quoteLiteral(verifier)};
      grant pg_monitor to ${monitorRole};
      ${major >= 16 ? `grant pg_use_reserved_connections to ${monitorRole};` : ''}
      commit`)
  })
  await db.asSuperuser('template1', async (session) => {
    if (major < 15) {
      // As PostgreSQL 15 and later have it: only the owner of the database may create in `public`.
      await session.query('revoke create on schema public from public; alter schema public owner to pg_database_owner')
    }
    await session.query(dataGrantsFor(db.owner))
  })
  await db.asSuperuser(db.main, async session => await grantDataAccess(session, [db.owner]))
}
