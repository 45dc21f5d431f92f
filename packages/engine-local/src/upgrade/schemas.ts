import type { Session } from '@howdah/postgres'
import type { Grant } from './privileges.ts'
import { quoteIdentifier } from '@howdah/postgres'
import { grantsOf, grantStatements } from './privileges.ts'

export interface Schema {
  readonly name: string
  readonly owner: string
  readonly grants: readonly Grant[] | null
}

export async function readSchemas(session: Session): Promise<readonly Schema[]> {
  return await session.query<Schema & Record<string, unknown>>(`
    select n.nspname as name, r.rolname as owner, ${grantsOf('n.nspacl')} as grants
    from pg_catalog.pg_namespace n join pg_catalog.pg_roles r on r.oid = n.nspowner
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_namespace'::regclass and d.objid = n.oid and d.deptype = 'e')
    order by n.oid`)
}

/**
 * Make the schemas before what is in them, open to every role: an object can be given only to a role that may create where it is, and
 * who made something long ago need not be one of those now.
 */
export async function openSchemas(session: Session, schemas: readonly Schema[], roles: readonly string[]): Promise<void> {
  if (!schemas.some(({ name }) => name === 'public'))
    await session.query('drop schema if exists public')
  await session.query(schemas.flatMap(({ name, owner }) => [
    `create schema if not exists ${quoteIdentifier(name)}`,
    `alter schema ${quoteIdentifier(name)} owner to ${quoteIdentifier(owner)}`,
    `grant usage, create on schema ${quoteIdentifier(name)} to ${roles.map(role => quoteIdentifier(role)).join(', ')}`,
  ]).join(';\n'))
}

/** Let everybody have in them what they had. */
export async function closeSchemas(session: Session, schemas: readonly Schema[], roles: readonly string[]): Promise<void> {
  const statements = schemas.flatMap(({ grants, name, owner }) =>
    grantStatements(`schema ${quoteIdentifier(name)}`, owner, grants ?? ['USAGE', 'CREATE'].map(privilege => ({ grantee: owner, privilege, grantable: false })), [...new Set([...roles, owner])]))
  if (statements.length > 0)
    await session.query(statements.join(';\n'))
}
