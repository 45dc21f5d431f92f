import type { Session } from '@howdah/postgres'
import { EngineError } from '@howdah/engine'
import { quoteIdentifier } from '@howdah/postgres'

/** Bring the extensions of the present logical database to the versions that its server has. Answers what could not be. May be repeated. */
export async function updateExtensions(session: Session): Promise<readonly string[]> {
  const older = await session.query<{ name: string, wanted: string }>(`
    select e.extname as name, a.default_version as wanted from pg_catalog.pg_extension e join pg_catalog.pg_available_extensions a on a.name = e.extname
    where a.default_version <> e.extversion order by e.oid`)
  const refused: string[] = []
  for (const { name, wanted } of older) {
    try {
      await session.query(`alter extension ${quoteIdentifier(name)} update`)
    }
    catch (error) {
      if (error instanceof EngineError && error.code === 'unavailable')
        throw error
      refused.push(`${name} does not become ${wanted}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return refused
}
