import type { Archive } from '../archive/archive.ts'
import type { Job } from './job.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { walPath } from '../archive/wal-files.ts'
import { patiently } from './patiently.ts'
import { RestoreError } from './restore-error.ts'

/** Between two looks into the archive: at first much is over soon. */
const [firstPauseMs, longestPauseMs] = [10, 160]

/** Names of everything in the archive that PostgreSQL archived: segments, histories, labels. */
export async function archivedNames(archive: Archive): Promise<Set<string>> {
  return new Set((await archive.list('wal')).map(({ path }) => path.slice('wal/'.length)))
}

/** Wait until all of these are in the archive. What keeps them away is the server's to try again. `withinMs`: then it is given up. */
export async function untilArchived(archive: Archive, names: readonly string[], job: Job, withinMs = Number.POSITIVE_INFINITY): Promise<void> {
  const begun = performance.now()
  for (const name of names) {
    let pauseMs = firstPauseMs
    while (!await patiently(job, async () => await archive.has(walPath(name)))) {
      if (performance.now() - begun > withinMs)
        throw new RestoreError('ArchiveStuck', `${name} did not come into the archive.`, 'Read why in the log of the database, and mend it.')
      job.say(`Waits for ${name} in the archive.`)
      await delay(pauseMs, undefined, { signal: job.signal })
      pauseMs = Math.min(2 * pauseMs, longestPauseMs)
    }
  }
}

/** When the last record of a segment was written, as the server's clock had it. */
export async function timeOfSegment(archive: Archive, name: string): Promise<Date | undefined> {
  return (await archive.get(walPath(name)))?.time
}
