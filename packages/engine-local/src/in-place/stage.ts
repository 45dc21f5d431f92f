import type { RestoreOrder } from '@howdah/engine'
import type { Job } from '../backup/job.ts'
import type { Database } from '../database.ts'
import type { Kept } from './kept.ts'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { formatLsn } from '@howdah/postgres'
import { archiveOf } from '../archive-site.ts'
import { forkOf, replay } from '../backup/replay.ts'
import { restoreState } from '../backup/restore.ts'
import { archivedNames } from '../backup/wal-archive.ts'
import { installBinaries } from '../binaries.ts'
import { syncDataFolder } from '../clone.ts'
import { runErrands } from '../errands.ts'
import { makeFolder, syncFolder, writeAtomically } from '../files.ts'
import { asidePaths, databasePaths } from '../paths.ts'
import { discardPlace } from '../places.ts'
import { killLeftovers } from '../process.ts'
import { removeStubbornly } from '../trash.ts'
import { keptFolder } from './kept.ts'
import { historyName, reserveTimelines, timelinesAmong, timelinesIn } from './timelines.ts'

/** Data that can take the place of a database's: in a folder beside its instances, on a timeline of its own. */
export interface Staged {
  readonly folder: string
  readonly timeline: number
}

/** Restore a state beside the database, which goes on serving. */
export async function stageState(db: Database, source: Database | undefined, { from, id }: RestoreOrder, job: Job<Staged>): Promise<Staged> {
  const { installation } = db
  const binaries = await installBinaries(db.binaries, installation.paths.root)
  const { root, timeline } = await restoreState({ installation, binaries, from, source, own: 'later', passwords: db.identity, taken: await takenTimelines(db) }, job)
  try {
    const { data } = databasePaths(root)
    if (from.id !== db.ref.id)
      await beginHistory(db, data)
    const folder = `staged-${id}`
    // Of an attempt before this one.
    await removeStubbornly(join(db.root, folder))
    await mkdir(join(db.root, folder), { mode: 0o755 })
    await rename(data, join(db.root, folder, 'data'))
    await syncFolder(join(db.root, folder))
    return { folder, timeline }
  }
  finally {
    await discardPlace(installation, root)
  }
}

/** Give what was kept a timeline of its own, so that nothing it writes is taken for what was written since. */
export async function stageKept(db: Database, kept: Kept, job: Job<Staged>): Promise<Staged> {
  job.enter('replay')
  const { installation, socketFolder } = db
  const { account } = installation
  const folder = keptFolder(kept)
  const paths = asidePaths(db.root, folder)
  // Of an attempt before this one.
  await killLeftovers(paths.data)
  // Nobody follows it any more.
  await rm(join(paths.data, 'pg_replslot'), { recursive: true, force: true })
  await makeFolder(join(paths.data, 'pg_replslot'), 0o700, account)
  const binaries = await installBinaries(db.binariesOf(kept.before ?? db.identity), installation.paths.root)
  const giveBack = await reserveTimelines(paths.data, await takenTimelines(db), account)
  const before = Math.max(...await timelinesIn(paths.data))
  const { timeline } = await replay({ installation, binaries, paths, socketFolder, source: undefined, own: 'later' }, { target: { kind: 'latest' }, along: 'current', timeline: before, stopLsn: '0/0', lastSegment: undefined }, job)
  await giveBack()
  await runErrands(account, async errands => await syncDataFolder(binaries, paths.data, errands))
  return { folder, timeline }
}

/** Every timeline that has written into the archive, or is about to. */
export async function takenTimelines(db: Database): Promise<number[]> {
  const names = await archivedNames(archiveOf(db.installation, db.ref.id))
  return [...timelinesAmong(names), ...await timelinesIn(db.paths.data)]
}

/**
 * Timelines before this one are another database's, and theirs have the numbers of some of ours. In our archive it begins a past of
 * its own, so its history names none of them but the first, of which no archive of a branch has anything.
 */
async function beginHistory({ installation: { account } }: Database, data: string): Promise<void> {
  const { lsn, timeline } = await forkOf(data)
  await writeAtomically(join(data, 'pg_wal', historyName(timeline)), `1\t${formatLsn(lsn)}\tbegan as another database\n`, { mode: 0o600, owner: account, durable: true })
}
