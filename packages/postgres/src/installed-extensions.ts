import type { Session } from './sessions.ts'

export interface InstalledExtension {
  readonly name: string
  readonly version: string
  readonly schema: string
  readonly owner: string
}

/** Those of the present logical database, in the order in which they were made. */
export async function readExtensions(session: Session): Promise<readonly InstalledExtension[]> {
  return await session.query<InstalledExtension & Record<string, unknown>>(`
    select e.extname as name, e.extversion as version, n.nspname as schema, r.rolname as owner
    from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace join pg_catalog.pg_roles r on r.oid = e.extowner
    where e.extname <> 'plpgsql' order by e.oid`)
}
