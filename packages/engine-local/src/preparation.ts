import type { Session } from '@howdah/postgres'
import { dataGrantsFor, iterationsForMachines, maintenanceDatabase, monitorRole, quoteLiteral, readerRole, scramVerifier, superuserRole, writerRole } from '@howdah/postgres'

/** Renamed to what the user asked for when the database is claimed from the pool. */
export const placeholderOwner = 'howdah_owner'
export const placeholderDatabase = 'howdah_database'

/** The roles that every server has. Nobody can log in as the owner before it gets a password. */
export async function prepareRoles(session: Session, major: number, superuserPassword: string): Promise<void> {
  await session.query(`
    alter role ${superuserRole} password ${quoteLiteral(await scramVerifier(superuserPassword, iterationsForMachines))};
    create role ${monitorRole} login;
    grant pg_monitor to ${monitorRole};
    ${major >= 16
      ? `grant pg_use_reserved_connections to ${monitorRole};`
      : ''}
    create role ${readerRole} nologin;
    create role ${writerRole} nologin;
    create role ${placeholderOwner} login;
    revoke all on database ${maintenanceDatabase} from public;
    grant connect on database ${maintenanceDatabase} to ${monitorRole};
  `)
}

/** What logical databases are copied from: as PostgreSQL makes it, so that what is brought into a copy finds nothing there. */
export async function prepareTemplate(session: Session, major: number): Promise<void> {
  if (major < 15) {
    // As PostgreSQL 15 and later have it: only the owner of the database may create in `public`.
    await session.query('revoke create on schema public from public; alter schema public owner to pg_database_owner')
  }
}

/**
 * The first logical database. The templates go, two of the four copies of a catalogue that each database would begin with:
 * most never have a second logical database, and `makeTemplateDatabase` makes a template for those that do.
 */
export async function prepareDatabases(session: Session): Promise<void> {
  await session.query(`create database ${placeholderDatabase} owner ${placeholderOwner} template template1`)
  for (const template of ['template0', 'template1']) {
    await session.query(`alter database ${template} is_template false`)
    await session.query(`drop database ${template}`)
  }
}

/** Readers and writers get at what the owner makes in it. */
export async function prepareMain(session: Session): Promise<void> {
  await session.query(dataGrantsFor(placeholderOwner))
}
