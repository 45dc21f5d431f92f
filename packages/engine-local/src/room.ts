import type { Database } from './database.ts'
import type { Installation } from './installation.ts'
import { statfs } from 'node:fs/promises'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase } from '@howdah/postgres'

/** WAL of what is made, and of those who work meanwhile. */
const reserveBytes = 2 ** 28

/** Refuse what would fill the disk before it begins: one that is full takes every database on it along. */
export async function holdToRoom({ paths }: Pick<Installation, 'paths'>, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(paths.databases)
  const [needed, free] = [bytes * 1.1 + reserveBytes, bavail * bsize]
  if (free < needed)
    throw new EngineError('exhausted', `${what} needs ${gib(needed)} on the disk, and ${gib(free)} are free.`)
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`
}

/** Bytes of what is in a database that answers. */
export async function sizeOf(db: Database): Promise<number> {
  const [row] = await db.asSuperuser(maintenanceDatabase, async session => await session.query<{ bytes: string }>('select sum(pg_database_size(oid)) as bytes from pg_database'))
  return Number(row?.bytes ?? 0)
}
