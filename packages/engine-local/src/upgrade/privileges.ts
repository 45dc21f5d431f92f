import { quoteIdentifier } from '@howdah/postgres'

export interface Grant {
  /** null: everybody. */
  readonly grantee: string | null
  readonly privilege: string
  readonly grantable: boolean
}

/** SQL that reads an access list as `Grant`s; null where nobody has changed it. */
export function grantsOf(column: string): string {
  return `(select json_agg(json_build_object('grantee', r.rolname, 'privilege', x.privilege_type, 'grantable', x.is_grantable))
    from pg_catalog.aclexplode(${column}) x left join pg_catalog.pg_roles r on r.oid = x.grantee)`
}

/** Give exactly these, whatever was given before to any of `roles`. */
export function grantStatements(object: string, owner: string, grants: readonly Grant[], roles: readonly string[]): string[] {
  return [
    ...['public', ...roles.map(role => quoteIdentifier(role))].map(role => `revoke all on ${object} from ${role} cascade`),
    ...grants.map(({ grantable, grantee, privilege }) => `grant ${privilege} on ${object} to ${grantee === null ? 'public' : quoteIdentifier(grantee)}${grantable && grantee !== owner ? ' with grant option' : ''}`),
  ]
}
