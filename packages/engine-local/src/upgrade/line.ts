import type { Job } from '../backup/job.ts'
import type { Installation } from '../installation.ts'
import type { NewMajor } from './target.ts'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replay } from '../backup/replay.ts'
import { syncDataFolder } from '../clone.ts'
import { runErrands } from '../errands.ts'
import { writeAtomically } from '../files.ts'
import { historyName, reserveTimelines } from '../in-place/timelines.ts'
import { databasePaths } from '../paths.ts'
import { socketFolderOf } from '../places.ts'

/**
 * Give what was made of another major a timeline that the archive does not know yet. It follows from none: no replay leads from a
 * backup of before to what comes after. Answers its number.
 */
export async function beginLine(installation: Installation, root: string, { binaries }: NewMajor, taken: readonly number[], job: Job<unknown>): Promise<number> {
  const { account } = installation
  const paths = databasePaths(root)
  const giveBack = await reserveTimelines(paths.data, taken, account)
  const { timeline } = await replay({ installation, binaries, paths, socketFolder: await socketFolderOf(installation, root), source: undefined, own: 'later' }, { target: { kind: 'latest' }, along: 'current', timeline: 1, stopLsn: '0/0', lastSegment: undefined }, job)
  await giveBack()
  await forgetFirst(paths.data)
  await writeAtomically(join(paths.data, 'pg_wal', historyName(timeline)), '', { mode: 0o600, owner: account, durable: true })
  await runErrands(account, async errands => await syncDataFolder(binaries, paths.data, errands))
  return timeline
}

/** WAL of the timeline that everything begins with. Nobody needs it, and its names are those of the database's own first. */
async function forgetFirst(data: string): Promise<void> {
  for (const folder of [join(data, 'pg_wal'), join(data, 'pg_wal', 'archive_status')]) {
    const names = (await readdir(folder)).filter(name => /^00000001[0-9A-F]{16}/.test(name))
    await Promise.all(names.map(async name => await rm(join(folder, name))))
  }
}
