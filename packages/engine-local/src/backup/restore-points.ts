import type { RestorePoint } from '@howdah/engine'
import type { Archive } from '../archive/archive.ts'
import type { Database } from '../database.ts'
import { Buffer } from 'node:buffer'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase } from '@howdah/postgres'

/** What PostgreSQL allows, less what would be awkward in a path. */
const namePattern = /^[a-z0-9][\w.-]{0,62}$/i

/** In the order of their moments. */
export async function readRestorePoints(archive: Archive): Promise<readonly RestorePoint[]> {
  const found = await Promise.all((await archive.list('points')).map(async ({ path }) => await archive.get(path)))
  return found.filter(object => object !== undefined)
    .map(({ content }) => JSON.parse(content.toString()) as Omit<RestorePoint, 'at'> & { at: string }) // sealed by us
    .map(point => ({ ...point, at: new Date(point.at) }))
    .sort((a, b) => a.at.getTime() - b.at.getTime())
}

/** The name stands in the WAL and in the archive; the archive's is the one that is looked up. */
export async function makeRestorePoint(db: Database, archive: Archive, name: string): Promise<RestorePoint> {
  if (!namePattern.test(name))
    throw new EngineError('invalid', 'A restore point has a name of 1 to 63 letters, digits, hyphens, dots and underscores.', { pointer: '/name' })
  if (await archive.get(pathOf(name)))
    throw taken(name)
  const [row] = await db.asSuperuser(maintenanceDatabase, async session =>
    await session.query<{ lsn: string, at: Date }>('select pg_create_restore_point($1)::text as lsn, clock_timestamp() as at', [name]))
  if (!row)
    throw new Error('the server did not say where the restore point is')
  const point = { name, at: row.at, lsn: row.lsn }
  if (!await archive.putNew(pathOf(name), Buffer.from(JSON.stringify(point)), row.at))
    throw taken(name)
  return point
}

/** Remove those of before a moment: nothing can be restored to them any more. */
export async function removeRestorePoints(archive: Archive, before: Date): Promise<void> {
  for (const { at, name } of await readRestorePoints(archive)) {
    if (at < before)
      await archive.remove(pathOf(name))
  }
}

function pathOf(name: string): string {
  return `points/${name}`
}

function taken(name: string): EngineError {
  return new EngineError('conflict', `There is a restore point "${name}" already.`, { pointer: '/name' })
}
