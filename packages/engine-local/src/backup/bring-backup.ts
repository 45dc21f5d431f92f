import type { Choice } from '@howdah/postgres'
import type { Archive } from '../archive/archive.ts'
import type { Errands } from '../errands.ts'
import type { Installation } from '../installation.ts'
import type { DatabasePaths } from '../paths.ts'
import type { Job } from './job.ts'
import type { BackupRecord } from './manifest.ts'
import type { Goal } from './replay.ts'
import { join } from 'node:path'
import { beginSync } from '../clone.ts'
import { writeAtomically } from '../files.ts'
import { flushAhead } from './flush-ahead.ts'
import { fetchFiles } from './mover.ts'
import { bringAhead } from './wal-ahead.ts'

export interface Bringing {
  readonly installation: Pick<Installation, 'archives' | 'account'>
  readonly archive: Archive
  readonly backup: BackupRecord
  /** With an empty data folder. */
  readonly paths: DatabasePaths
  /** Of whoever keeps what is brought, and syncs it in the end: the disk begins meanwhile. */
  readonly errands?: Errands
  readonly report: (text: string) => void
}

/** Bring the files of a backup, the label that recovery begins with, and the first WAL that it asks for. */
export async function bringBackup({ archive, backup, errands, installation, paths, report }: Bringing, job: Pick<Job, 'say' | 'signal'>): Promise<void> {
  const come = errands && flushAhead(async () => await beginSync(paths.data, errands))
  const both = await Promise.allSettled([
    fetchFiles(installation, archive, backup.id, paths.data, job, (bytes) => {
      report(`${Math.round(bytes / 2 ** 20)} of ${Math.round(backup.dataBytes / 2 ** 20)} MiB are fetched.`)
      come?.(bytes)
    }),
    bringAhead(archive, backup, paths.instance, installation.account),
  ])
  // Only now: nobody writes into the place any more.
  for (const one of both) {
    if (one.status === 'rejected')
      throw one.reason
  }
  await writeAtomically(join(paths.data, 'backup_label'), backup.label, { mode: 0o600, owner: installation.account, durable: false })
}

/** Where a replay ends that begins with this backup. */
export function goalOf({ backup, span, target }: Choice<BackupRecord>): Goal {
  return { target, along: span.era?.timeline ?? 'current', timeline: backup.timeline, stopLsn: backup.stopLsn, lastSegment: span.last.number }
}
