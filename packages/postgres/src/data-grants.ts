import { readerRole, writerRole } from './names.ts'
import { quoteIdentifier } from './sql.ts'

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
