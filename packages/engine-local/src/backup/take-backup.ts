import type { Archive } from '../archive/archive.ts'
import type { Database } from '../database.ts'
import type { Job } from './job.ts'
import type { BackupRecord } from './manifest.ts'
import { EngineError } from '@howdah/engine'
import { parseLsn, segmentAt, segmentBefore, segmentName } from '@howdah/postgres'
import { dataFiles } from './data-files.ts'
import { removeBackup, writeBackup } from './manifest.ts'
import { storeFiles } from './mover.ts'
import { patiently } from './patiently.ts'
import { backingUp } from './pg-backup.ts'
import { untilArchived } from './wal-archive.ts'

/**
 * Copy the files of a running server between `pg_backup_start` and `pg_backup_stop`, wait for the WAL that makes the copy
 * consistent, and only then write that there is a backup.
 */
export async function takeBackup(db: Database, archive: Archive, id: string, job: Job): Promise<void> {
  job.enter('checkpoint')
  const { applied, identity } = db
  if (!applied)
    throw new EngineError('unavailable', 'The database is still being made.')
  if (applied.hibernated)
    throw new EngineError('conflict', `"${db.ref.name}" was stopped before its backup was taken. Resume it, and take one then.`)
  // What an attempt before this one left.
  await removeBackup(archive, id)
  const { started, stopped, result: { folders, stored } } = await backingUp(db, `howdah ${id}`, async () => {
    job.enter('copy')
    const { files, folders } = await dataFiles(db.paths.data)
    return { folders, stored: await storeFiles(db.installation, archive, id, { data: db.paths.data, files }, job, bytes => job.say(`${Math.round(bytes / 2 ** 20)} MiB are copied.`)) }
  })
  const record: BackupRecord = {
    format: 1,
    id,
    source: identity.ref,
    startedAt: started.at,
    finishedAt: stopped.at,
    startLsn: started.lsn,
    stopLsn: stopped.lsn,
    timeline: started.timeline,
    serverVersion: started.version,
    major: identity.major,
    systemIdentifier: started.system,
    owner: applied.owner,
    database: applied.database,
    extensions: applied.extensions,
    label: stopped.label,
    blocks: stored.blocks,
    dataBytes: stored.dataBytes,
    storedBytes: stored.storedBytes,
  }
  job.enter('wal')
  await untilArchived(archive, segmentsOf(record), job)
  await patiently(job, async () => await writeBackup(archive, record, { folders, files: stored.files }))
  db.installation.log.info({ database: identity.ref.id, backup: id, dataBytes: record.dataBytes, storedBytes: record.storedBytes }, 'a base backup was taken')
}

/** WAL without which a backup is none. */
export function segmentsOf({ startLsn, stopLsn, timeline }: Pick<BackupRecord, 'startLsn' | 'stopLsn' | 'timeline'>): string[] {
  const [start = 0n, stop = 0n] = [parseLsn(startLsn), parseLsn(stopLsn)]
  const [first, last] = [segmentAt(start), segmentBefore(stop)]
  return Array.from({ length: last - first + 1 }, (_, index) => segmentName({ timeline, number: first + index }))
}
