import type { RoleObserved, RoleSpec } from '@howdah/engine'
import type { Server } from './server.ts'
import type { Session } from './sessions.ts'
import { EngineError } from '@howdah/engine'
import { dataGrantsFor } from './data-grants.ts'
import { maintenanceDatabase, readerRole, refuseRoleName, writerRole } from './names.ts'
import { scramVerifier } from './scram.ts'
import { quoteIdentifier, quoteLiteral } from './sql.ts'

/** Roles that people made or were given; ours are not shown. */
export async function listRoles(db: Server): Promise<RoleObserved[]> {
  return await db.asSuperuser(maintenanceDatabase, async session => await session.query<RoleObserved>(`
    select r.rolname as name, r.rolconnlimit as "connectionLimit",
      (select count(*)::int from pg_stat_activity a where a.usesysid = r.oid) as sessions,
      array(select d.datname::text from pg_database d where d.datdba = r.oid and d.datname !~ '^howdah_' order by 1) as "ownedDatabases"
    from pg_roles r
    where not r.rolsuper and r.rolname !~ '^(pg|howdah)_' and r.rolname <> all($1)
    order by 1`, [db.systemRoles]))
}

/** Create the role, or change it to be as asked. */
export async function ensureRole(db: Server, role: RoleSpec): Promise<void> {
  const owner = db.owner
  if (role.name === owner)
    throw new EngineError('conflict', `"${role.name}" is the owner of the database; its password is changed by rotating the credentials.`, { pointer: '/name' })
  refuseReserved(db, role.name)
  const name = quoteIdentifier(role.name, '/name')
  const password = role.password === undefined
    ? ''
    : ` password ${quoteLiteral(await scramVerifier(role.password))}`
  await db.asSuperuser(maintenanceDatabase, async (session) => {
    const exists = await isRole(session, role.name)
    const groups = await groupsOf(session, role.name, [owner, readerRole, writerRole])
    await session.query(`
      begin;
      ${exists ? 'alter' : 'create'} role ${name} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls
        connection limit ${Math.trunc(role.connectionLimit)}${password};
      ${membership({ name: role.name, groups }, owner, role.access)}
      commit`)
  })
  // What it creates is data of the database too.
  await inEachDatabase(db, async session => await session.query(dataGrantsFor(role.name)))
}

/** What gives the access, beside the memberships of ours that it has now. `owner` creates as the owner, so that what it makes is the database's. */
function membership(role: { readonly name: string, readonly groups: readonly string[] }, owner: string, access: RoleSpec['access']): string {
  const wanted: readonly string[] = {
    'owner': [owner],
    'read-write': [readerRole, writerRole],
    'read-only': [readerRole],
    'none': [],
  }[access]
  const name = quoteIdentifier(role.name)
  return [
    // Only what is there: PostgreSQL warns of every other revoke, in a log that the user reads.
    ...role.groups.filter(group => !wanted.includes(group)).map(group => `revoke ${quoteIdentifier(group)} from ${name};`),
    ...wanted.filter(group => !role.groups.includes(group)).map(group => `grant ${quoteIdentifier(group)} to ${name};`),
    `alter role ${name} ${access === 'owner'
      ? `set role to ${quoteIdentifier(owner)}`
      : 'reset role'};`,
  ].join('\n')
}

/** Those of these groups that the role is a member of. */
async function groupsOf(session: Session, name: string, groups: readonly string[]): Promise<string[]> {
  const rows = await session.query<{ name: string }>(`
    select g.rolname::text as name
    from pg_catalog.pg_auth_members m
    join pg_catalog.pg_roles g on g.oid = m.roleid
    join pg_catalog.pg_roles r on r.oid = m.member
    where r.rolname = $1 and g.rolname = any($2)`, [name, groups])
  return rows.map(row => row.name)
}

/** Drop the role: its sessions end, what it owns goes to the owner of the database. */
export async function dropRole(db: Server, name: string): Promise<void> {
  const owner = db.owner
  if (name === owner)
    throw new EngineError('conflict', `"${name}" owns the database and goes with it.`, { pointer: '/name' })
  refuseReserved(db, name)
  const role = quoteIdentifier(name, '/name')
  const exists = await db.asSuperuser(maintenanceDatabase, async (session) => {
    if (!await isRole(session, name))
      return false
    await session.query(`alter role ${role} nologin`)
    await session.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = $1', [name])
    return true
  })
  if (!exists)
    return
  await inEachDatabase(db, async session => await session.query(`reassign owned by ${role} to ${quoteIdentifier(owner)}; drop owned by ${role}`))
  await db.asSuperuser(maintenanceDatabase, async session => await session.query(`drop role if exists ${role}`))
}

/** Readers and writers get at everything that is there in this logical database, and at what these roles will create. */
export async function grantDataAccess(session: Session, creators: readonly string[]): Promise<void> {
  const schemas = await session.query<{ name: string }>(`
    select nspname as name from pg_catalog.pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'`)
  const grants = schemas.map(({ name }) => {
    const schema = quoteIdentifier(name)
    return `
      grant usage on schema ${schema} to ${readerRole}, ${writerRole};
      grant select on all tables in schema ${schema} to ${readerRole};
      grant select on all sequences in schema ${schema} to ${readerRole};
      grant select, insert, update, delete on all tables in schema ${schema} to ${writerRole};
      grant usage, select, update on all sequences in schema ${schema} to ${writerRole};`
  })
  await session.query([
    ...grants,
    ...creators.map(dataGrantsFor),
  ].join('\n'))
}

async function inEachDatabase(db: Server, work: (session: Session) => Promise<unknown>): Promise<void> {
  const databases = await db.asSuperuser(maintenanceDatabase, async session => await session.query<{ name: string }>(`
    select datname as name from pg_catalog.pg_database where datallowconn and not datistemplate and datname <> $1`, [maintenanceDatabase]))
  for (const { name } of databases)
    await db.asSuperuser(name, work)
}

export async function isRole(session: Session, name: string): Promise<boolean> {
  return (await session.query('select 1 from pg_catalog.pg_roles where rolname = $1', [name])).length > 0
}

function refuseReserved(db: Server, name: string): void {
  const refusal = refuseRoleName(name) ?? (db.systemRoles.includes(name) ? `"${name}" is reserved.` : undefined)
  if (refusal)
    throw new EngineError('invalid', refusal, { pointer: '/name' })
}
