import type { Database, Instance } from '../database.ts'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '@howdah/machine'
import { inheritedLines, segmentAt, segmentOf } from '@howdah/postgres'
import { archiveOf } from '../archive-site.ts'
import { archivedNames } from '../backup/wal-archive.ts'
import { namesIn, syncFolder, writeAtomically } from '../files.ts'
import { setTopology } from './topology.ts'

/**
 * Let whoever has the role archive what those before it had finished and not archived, so that the restore window goes on over the
 * change. Nothing where that was done; until it was, nobody may throw away the data of the others. Where the archive is away and cannot be
 * asked, that is all that is inherited: what is there twice is the same.
 */
export async function settleInheritance(db: Database): Promise<void> {
  // Where its own history begins is known when it is promoted.
  if (!db.topology?.inherits || !db.topology.isPromoted)
    return
  if (db.installation.archives) {
    await listInherited(db, await archivedNames(archiveOf(db.installation, db.ref.id)).catch((error: unknown) => {
      db.installation.log.warn({ err: error, database: db.ref.id }, 'the archive does not say what it has')
      return new Set<string>()
    }))
  }
  await setTopology(db, { inherits: false })
}

/** The same for one that died before it was done, so that its heir finds what it owed. Nobody waits for an archive in a failover. */
export async function bequeath(db: Database): Promise<void> {
  if (db.topology?.inherits && db.installation.archives)
    await listInherited(db, new Set())
}

/**
 * What counts is on disk: a history tells which timelines are inherited, and up to where. A replica has their WAL too, but what was streamed to it
 * counts as done, what came with the copy that it began as is on no list, and what is older it has let go, archived or not. That is still
 * on the list of who wrote it.
 */
async function listInherited(db: Database, archived: ReadonlySet<string>): Promise<void> {
  const wal = join(db.paths.data, 'pg_wal')
  const status = join(wal, 'archive_status')
  const lines = inheritedLines(await newestHistory(wal))
  const isOwed = (name: string): boolean => {
    const segment = segmentOf(name)
    const left = lines.get(segment?.timeline ?? historyOf(name))
    return left !== undefined && !archived.has(name) && (segment?.number ?? -1) < segmentAt(left)
  }
  for (const other of db.instances) {
    if (other.ordinal !== db.primary.ordinal)
      await bringListed(other, wal, isOwed)
  }
  const listed = new Set(await namesIn(status))
  for (const name of (await namesIn(wal)).filter(isOwed)) {
    if (listed.has(`${name}.done`))
      await renameIfThere(join(status, `${name}.done`), join(status, `${name}.ready`))
    else if (!listed.has(`${name}.ready`))
      await writeAtomically(join(status, `${name}.ready`), '', { mode: 0o600, owner: db.installation.account, durable: false })
  }
  if (lines.size > 0)
    await syncFolder(status)
}

/**
 * Take over what is on the list of another one, and not here. It is finished, and lies before where that one starts from, so it is moved: a server
 * uses the file of a segment again for another one, so two of them may not share it.
 */
async function bringListed({ paths }: Instance, to: string, isOwed: (name: string) => boolean): Promise<void> {
  const from = join(paths.data, 'pg_wal')
  const here = new Set(await namesIn(to))
  const names = (await namesIn(join(from, 'archive_status'))).filter(name => name.endsWith('.ready')).map(name => name.slice(0, -'.ready'.length))
  const missing = names.filter(name => isOwed(name) && !here.has(name))
  for (const name of missing)
    await renameIfThere(join(from, name), join(to, name))
  if (missing.length > 0)
    await syncFolder(to)
}

/** That of the timeline that is written to. Empty: it is the first. */
export async function newestHistory(wal: string): Promise<string> {
  const newest = (await namesIn(wal)).filter(name => historyOf(name) > 0).sort().at(-1)
  return newest === undefined ? '' : await readFile(join(wal, newest), 'utf8')
}

/** The timeline whose history this is; 0: it is none. */
function historyOf(name: string): number {
  return Number.parseInt(/^([0-9A-F]{8})\.history$/.exec(name)?.[1] ?? '0', 16)
}

/** Servers let go of what they need no more, also while it is looked at. */
async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  }
  catch (error) {
    if (!hasCode(error, 'ENOENT'))
      throw error
  }
}
