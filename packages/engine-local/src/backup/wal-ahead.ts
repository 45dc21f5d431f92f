import type { Account } from '../account.ts'
import type { Archive } from '../archive/archive.ts'
import type { BackupRecord } from './manifest.ts'
import { chown, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { parseLsn, segmentAt, segmentName } from '@howdah/postgres'
import { EnvelopeError } from '../archive/envelope.ts'
import { restoreWal } from '../archive/wal-files.ts'
import { makeFolder, writeAtomically } from '../files.ts'
import { archivedNames } from './wal-archive.ts'

/*
 * PostgreSQL asks for each file of WAL by starting a program, which takes longer than bringing the file: of a short replay
 * that was a third. So the first segments lie ready, brought while the files of the backup are, and of histories it is
 * known which there are. What is neither comes as ever.
 */

/** In the data folder; beside the script that it falls back on. */
export const aheadCommand = 'sh ../ahead.sh %f %p'

/** What is to be removed of it afterwards, in the folder of the instance. */
const aheadNames = ['ahead', 'ahead.sh'] as const

/** Room on the disk, and time until the replay may begin: beyond these the replay itself takes longer than the programs. */
const mostSegments = 8

/**
 * Bring the first WAL that a backup needs into the folder of the instance. What cannot be brought is left to whoever asks for it
 * when it is needed, and says why.
 */
export async function bringAhead(archive: Archive, { startLsn, timeline }: Pick<BackupRecord, 'startLsn' | 'timeline'>, instance: string, account: Account | undefined): Promise<void> {
  const folder = join(instance, 'ahead')
  await makeFolder(folder, 0o700, account)
  // Before anything of it: a history that comes later is of a timeline that nobody was sent along.
  const names = await archivedNames(archive)
  const first = segmentAt(parseLsn(startLsn) ?? 0n)
  for (let number = first; number < first + mostSegments; number++) {
    const name = segmentName({ timeline, number })
    if (!names.has(name) || !await isBrought(archive, name, join(folder, name)))
      break
    if (account)
      await chown(join(folder, name), account.uid, account.gid)
  }
  await writeAtomically(join(instance, 'ahead.sh'), script([...names].filter(name => name.endsWith('.history'))), { mode: 0o644, durable: false })
}

export async function removeAhead(instance: string): Promise<void> {
  await Promise.all(aheadNames.map(async name => await rm(join(instance, name), { recursive: true, force: true })))
}

async function isBrought(archive: Archive, name: string, path: string): Promise<boolean> {
  try {
    return await restoreWal(archive, name, path)
  }
  catch (error) {
    if (error instanceof EnvelopeError || error instanceof EngineError)
      return false
    throw error
  }
}

function script(histories: readonly string[]): string {
  return `if [ -f "../ahead/$1" ]; then exec mv "../ahead/$1" "$2"; fi
case "$1" in
  ${[...histories, 'none'].join('|')}) ;;
  *.history) exit 1 ;;
esac
exec sh ../restore.sh "$1" "$2"
`
}
