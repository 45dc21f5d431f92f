import type { Session } from '@howdah/postgres'
import type { Grant } from './privileges.ts'
import { maintenanceDatabase, quoteIdentifier, quoteLiteral } from '@howdah/postgres'
import { grantsOf, grantStatements } from './privileges.ts'

export interface LogicalDatabase {
  readonly name: string
  readonly owner: string
  readonly limit: number
  readonly grants: readonly Grant[] | null
  readonly comment: string | null
}

export async function readLogicalDatabases(session: Session): Promise<readonly LogicalDatabase[]> {
  return await session.query<LogicalDatabase & Record<string, unknown>>(`
    select d.datname as name, r.rolname as owner, d.datconnlimit as limit, ${grantsOf('d.datacl')} as grants, shobj_description(d.oid, 'pg_database') as comment
    from pg_catalog.pg_database d join pg_catalog.pg_roles r on r.oid = d.datdba
    where d.datallowconn and not d.datistemplate and d.datname <> $1 order by d.oid`, [maintenanceDatabase])
}

/** Make it, empty and closed; the new major says how text is compared, which is the same everywhere here: by code point. */
export async function createLogicalDatabase(session: Session, { name, owner }: LogicalDatabase): Promise<void> {
  await session.query(`create database ${quoteIdentifier(name)} owner ${quoteIdentifier(owner)} template template1`)
}

/** What it has beside what is in it. */
export async function finishLogicalDatabase(session: Session, { comment, grants, limit, name, owner }: LogicalDatabase): Promise<void> {
  const database = `database ${quoteIdentifier(name)}`
  await session.query([
    `alter ${database} connection limit ${limit}`,
    ...grants === null ? [] : grantStatements(database, owner, grants, [owner]),
    ...comment === null ? [] : [`comment on ${database} is ${quoteLiteral(comment)}`],
  ].join(';\n'))
}
