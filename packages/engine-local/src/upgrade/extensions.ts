import type { Catalogue, Session } from '@howdah/postgres'
import { bringExtension } from '@howdah/postgres'

export interface InstalledExtension {
  readonly name: string
  readonly version: string
  readonly schema: string
  readonly owner: string
}

export async function readExtensions(session: Session): Promise<readonly InstalledExtension[]> {
  return await session.query<InstalledExtension & Record<string, unknown>>(`
    select e.extname as name, e.extversion as version, n.nspname as schema, r.rolname as owner
    from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace join pg_catalog.pg_roles r on r.oid = e.extowner
    where e.extname <> 'plpgsql' order by e.oid`)
}

/** Make them anew, in the version that the new major brings, in the order in which they were made. Answers those versions. */
export async function copyExtensions(session: Session, catalogue: Catalogue, extensions: readonly InstalledExtension[]): Promise<ReadonlyMap<string, string>> {
  for (const extension of extensions)
    await bringExtension(session, catalogue, extension)
  return new Map((await readExtensions(session)).map(({ name, version }) => [name, version]))
}
