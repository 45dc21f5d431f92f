import type { Server, Session } from '@howdah/postgres'
import { maintenanceDatabase } from '@howdah/postgres'

const template = 'template1'
const draft = 'howdah_template'

type Superuser = Pick<Server, 'asSuperuser'>

/** Whether there is what logical databases are copied from. */
export async function hasTemplateDatabase(server: Superuser): Promise<boolean> {
  return await server.asSuperuser(maintenanceDatabase, async session => await isThere(session, template))
}

/**
 * Make it: a copy of the maintenance database, without what we have put there. PostgreSQL copies no database that somebody
 * is connected to, so our monitoring must not be; `other` is a logical database to be connected to meanwhile. What a kill
 * left half made is made anew.
 */
export async function makeTemplateDatabase(server: Superuser, other: string): Promise<void> {
  await server.asSuperuser(other, async (session) => {
    if (await isThere(session, draft)) {
      await session.query(`alter database ${draft} is_template false`)
      await session.query(`drop database ${draft}`)
    }
    await session.query(`create database ${draft} template ${maintenanceDatabase} is_template true allow_connections false`)
    await session.query(`revoke all on database ${draft} from public`)
    await session.query(`alter database ${draft} allow_connections true`)
  })
  await server.asSuperuser(draft, async session => await session.query('drop schema if exists howdah cascade'))
  await server.asSuperuser(other, async session => await session.query(`alter database ${draft} rename to ${template}`))
}

async function isThere(session: Session, database: string): Promise<boolean> {
  return (await session.query('select from pg_database where datname = $1', [database])).length > 0
}
