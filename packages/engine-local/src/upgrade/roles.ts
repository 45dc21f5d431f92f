import type { Session } from '@howdah/postgres'
import { quoteIdentifier, quoteLiteral, superuserRole } from '@howdah/postgres'

interface Role {
  readonly name: string
  readonly inherit: boolean
  readonly createrole: boolean
  readonly createdb: boolean
  readonly login: boolean
  readonly replication: boolean
  readonly bypassrls: boolean
  readonly limit: number
  readonly verifier: string | null
  readonly until: string | null
  readonly comment: string | null
}

/** Names of those that are not ours, and what gives our superuser the password that it had: it is to be run last, because we come in with another one. */
export interface CopiedRoles { readonly names: readonly string[], readonly last: string }

/** Roles with all they have: what they may, verifiers of their passwords, limits, memberships. */
export async function copyRoles(from: Session, to: Session): Promise<CopiedRoles> {
  const roles = await from.query<Role>(`
    select rolname as name, rolinherit as inherit, rolcreaterole as createrole, rolcreatedb as createdb, rolcanlogin as login, rolreplication as replication,
      rolbypassrls as bypassrls, rolconnlimit as limit, rolpassword as verifier, rolvaliduntil::text as until, shobj_description(oid, 'pg_authid') as comment
    from pg_catalog.pg_authid where rolname !~ '^pg_' order by oid`)
  const there = new Set((await to.query<{ name: string }>('select rolname as name from pg_catalog.pg_roles')).map(({ name }) => name))
  const members = await from.query<{ group: string, member: string, admin: boolean, inherit: boolean | null, set: boolean | null }>(`
    select g.rolname as "group", m.rolname as member, bool_or(a.admin_option) as admin,
      bool_or((to_jsonb(a) ->> 'inherit_option')::boolean) as inherit, bool_or((to_jsonb(a) ->> 'set_option')::boolean) as set
    from pg_catalog.pg_auth_members a join pg_catalog.pg_roles g on g.oid = a.roleid join pg_catalog.pg_roles m on m.oid = a.member
    group by 1, 2`)
  const [version] = await to.query<{ major: number }>('select current_setting(\'server_version_num\')::int / 10000 as major')
  const known = new Set([...there, ...roles.map(({ name }) => name)])
  await to.query([
    ...roles.filter(({ name }) => !there.has(name)).map(({ name }) => `create role ${quoteIdentifier(name)}`),
    ...roles.filter(({ name }) => name !== superuserRole).flatMap(alterations),
    ...members.filter(({ group, member }) => known.has(group) && known.has(member)).map(({ admin, group, inherit, member, set }) => {
      const options = (version?.major ?? 0) < 16
        ? admin ? ' with admin option' : ''
        : ` with admin ${admin}${inherit === null ? '' : `, inherit ${inherit}`}${set === null ? '' : `, set ${set}`}`
      return `grant ${quoteIdentifier(group)} to ${quoteIdentifier(member)}${options}`
    }),
  ].join(';\n'))
  const superuser = roles.find(({ name }) => name === superuserRole)
  return { names: roles.map(({ name }) => name).filter(name => !name.startsWith('howdah_')), last: `alter role ${superuserRole} password ${quoteLiteral(superuser?.verifier ?? '')}` }
}

function alterations(role: Role): string[] {
  const name = quoteIdentifier(role.name)
  const can = (word: string, does: boolean): string => `${does ? '' : 'no'}${word}`
  const attributes = [
    can('inherit', role.inherit),
    can('createrole', role.createrole),
    can('createdb', role.createdb),
    can('login', role.login),
    can('replication', role.replication),
    can('bypassrls', role.bypassrls),
    `connection limit ${role.limit}`,
    // Verifiers are taken as they are: nobody has to choose another password.
    role.verifier === null ? 'password null' : `password ${quoteLiteral(role.verifier)}`,
    ...role.until === null ? [] : [`valid until ${quoteLiteral(role.until)}`],
  ]
  return [
    `alter role ${name} nosuperuser ${attributes.join(' ')}`,
    ...role.comment === null ? [] : [`comment on role ${name} is ${quoteLiteral(role.comment)}`],
  ]
}

/** Values of these are lists of names, which PostgreSQL has quoted already. */
const listSettings = new Set(['search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries'])

/** What roles and databases have set for their sessions. */
export async function copySessionSettings(from: Session, to: Session): Promise<void> {
  const rows = await from.query<{ role: string | null, database: string | null, settings: string[] }>(`
    select r.rolname as role, d.datname as database, s.setconfig as settings
    from pg_catalog.pg_db_role_setting s left join pg_catalog.pg_roles r on r.oid = s.setrole left join pg_catalog.pg_database d on d.oid = s.setdatabase
    where coalesce(r.rolname, '') <> '${superuserRole}' and coalesce(d.datname, '') not in ('postgres', 'template0', 'template1')`)
  const statements = rows.flatMap(({ database, role, settings }) => settings.map((setting) => {
    const [name = '', ...rest] = setting.split('=')
    const value = rest.join('=')
    const whose = role === null
      ? `database ${quoteIdentifier(database ?? '')}`
      : `role ${quoteIdentifier(role)}${database === null ? '' : ` in database ${quoteIdentifier(database)}`}`
    return `alter ${whose} set ${name.split('.').map(part => quoteIdentifier(part)).join('.')} to ${listSettings.has(name.toLowerCase()) && value !== '' ? value : quoteLiteral(value)}`
  }))
  if (statements.length > 0)
    await to.query(statements.join(';\n'))
}
