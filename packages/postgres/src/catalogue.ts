import type { Session } from './sessions.ts'

/** One row of `pg_settings`, as the server of a template reports it. */
export interface Setting {
  readonly name: string
  readonly context: string
  readonly vartype: 'bool' | 'enum' | 'integer' | 'real' | 'string'
  readonly unit: string | null
  readonly min_val: string | null
  readonly max_val: string | null
  readonly enumvals: readonly string[] | null
  readonly category: string
  readonly short_desc: string
  /** Value that it has without any configuration, in the notation of `SHOW`. */
  readonly shown: string
}

/** One extension whose files are there. */
export interface AvailableExtension {
  readonly name: string
  readonly version: string
  readonly comment: string
  readonly requires: readonly string[]
  readonly trusted: boolean
  readonly relocatable: boolean
  readonly schema: string | null
}

/** What one set of binaries offers. Taken from a running server when its template is made. */
export interface Catalogue {
  readonly settings: readonly Setting[]
  readonly extensions: readonly AvailableExtension[]
}

export async function readCatalogue(session: Session): Promise<Catalogue> {
  const settings = await session.query<Setting>(`
    select name, context, vartype, unit, min_val, max_val, enumvals, category, short_desc, current_setting(name) as shown
    from pg_settings order by name`)
  const extensions = await session.query<AvailableExtension>(`
    select v.name, v.version, coalesce(v.comment, '') as comment, coalesce(v.requires::text[], '{}') as requires,
      v.trusted, v.relocatable, v.schema
    from pg_available_extension_versions v
    join pg_available_extensions e on e.name = v.name and e.default_version = v.version
    order by v.name`)
  return { settings, extensions }
}
