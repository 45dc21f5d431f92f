import type { Database } from '../database.ts'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase } from '@howdah/postgres'

/** The major version of the server that answers now; undefined where none does. */
export async function runningMajor(db: Database): Promise<number | undefined> {
  try {
    const [row] = await db.asSuperuser(maintenanceDatabase, async session => await session.query<{ major: number }>('select current_setting(\'server_version_num\')::int / 10000 as major'))
    return row?.major
  }
  catch (error) {
    if (error instanceof EngineError && error.code === 'unavailable')
      return undefined
    throw error
  }
}
