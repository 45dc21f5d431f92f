import type { Session } from './sessions.ts'
import {
  maintenanceDatabase,
  monitorRole,
  placeholderDatabase,
  placeholderOwner,
  readerRole,
  superuserRole,
  writerRole,
} from './names.ts'
import { iterationsForMachines, scramVerifier } from './scram.ts'
import { quoteIdentifier, quoteLiteral } from './sql.ts'

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
    revoke all on database ${maintenanceDatabase}, template1 from public;
    grant connect on database ${maintenanceDatabase} to ${monitorRole};
  `)
}

/** What every logical database is copied from. */
export async function prepareTemplate(session: Session, major: number): Promise<void> {
  if (major < 15) {
    // As PostgreSQL 15 and later have it: only the owner of the database may create in `public`.
    await session.query('revoke create on schema public from public; alter schema public owner to pg_database_owner')
  }
  await session.query(dataGrantsFor(placeholderOwner))
}

export async function prepareMain(session: Session): Promise<void> {
  await session.query(`create database ${placeholderDatabase} owner ${placeholderOwner} template template1`)
}

/** Readers and writers get at whatever this role creates from now on in the present logical database. */
export function dataGrantsFor(creator: string): string {
  const role = quoteIdentifier(creator)
  return `
    alter default privileges for role ${role} grant usage on schemas to ${readerRole}, ${writerRole};
    alter default privileges for role ${role} grant select on tables to ${readerRole};
    alter default privileges for role ${role} grant select on sequences to ${readerRole};
    alter default privileges for role ${role} grant select, insert, update, delete on tables to ${writerRole};
    alter default privileges for role ${role} grant usage, select, update on sequences to ${writerRole};
  `
}
