import type { BackupProof, RestorePoint } from '@howdah/engine'
import type { ArchiveOptions } from '../archive-site.ts'
import type { BackupRecord } from './manifest.ts'
import { formatLsn } from '@howdah/postgres'
import { keysFor, openStoreOf } from '../archive-site.ts'
import { Archive } from '../archive/archive.ts'
import { EnvelopeError } from '../archive/envelope.ts'
import { blockPath, IncompleteBackup, readBackupFiles, readBackups } from './manifest.ts'
import { movedClock } from './moved-clock.ts'
import { readProof } from './proof.ts'
import { readRestorePoints } from './restore-points.ts'
import { readArchived, readSpans, unled, whatIsLost } from './source.ts'

/** What an archive tells of itself, without anything but the key. Moments are in RFC 3339, as programs read them. */
export interface ArchiveReport {
  /** Id of the database. */
  readonly id: string
  /** Name and project that it had when its newest backup was taken; null without one. */
  readonly name: string | null
  readonly project: string | null
  readonly backups: readonly (Pick<BackupRecord, 'id' | 'finishedAt' | 'serverVersion' | 'dataBytes' | 'storedBytes' | 'stopLsn'> & { readonly proof: Pick<BackupProof, 'at' | 'isGood' | 'message'> | null })[]
  readonly window: readonly { readonly from: string, readonly to: string, readonly fromLsn: string, readonly toLsn: string }[]
  readonly points: readonly RestorePoint[]
  readonly objects: number
  readonly bytes: number
  /** What cannot be read, or is missing. Without verification only what was needed for the above is known. */
  readonly problems: readonly string[]
}

export interface Inspection extends ArchiveOptions {
  /** Only this one. */
  readonly database?: string
  /** True: read and open every object. */
  readonly isVerified?: boolean
  readonly report?: (text: string) => void
}

/** Archives in a folder or a bucket, whoever made them: only those that the keys open say more than their sizes. */
export async function inspectArchives({ database, isVerified = false, keys, report = () => {}, store: options }: Inspection): Promise<readonly ArchiveReport[]> {
  const store = await openStoreOf(options)
  const ids = database === undefined ? [...await store.folders('')].filter(id => /^[\w-]{1,64}$/.test(id)).sort() : [database]
  const reports: ArchiveReport[] = []
  for (const id of ids) {
    const archive = new Archive(id, store, keysFor(keys, id))
    const objects = await archive.list('')
    if (objects.length === 0)
      continue
    report(`reads ${id}`)
    const problems: string[] = []
    const backups = await noting(problems, [], async () => await readBackups(archive))
    const newest = backups.at(-1)
    const proofs = await Promise.all(backups.map(async backup => await noting(problems, undefined, async () => await readProof(archive, backup.id))))
    const window = await noting(problems, [], async () => await readSpans(archive, undefined))
    problems.push(...(await noting(problems, [], async () => unled(await readArchived(archive)))).map(whatIsLost))
    problems.push(...movedClock(backups, new Date()).values())
    const points = await noting(problems, [], async () => await readRestorePoints(archive))
    if (isVerified)
      await verify(archive, objects.map(({ path }) => path), backups, problems, report)
    reports.push({
      id,
      name: newest?.source.name ?? null,
      project: newest?.source.project ?? null,
      backups: backups.map(({ id, dataBytes, finishedAt, serverVersion, stopLsn, storedBytes }, index) => ({ id, finishedAt, serverVersion, dataBytes, storedBytes, stopLsn, proof: proofs[index] ?? null })),
      window: window.map(({ from, fromLsn, to, toLsn }) => ({ from: from.toISOString(), to: to.toISOString(), fromLsn: formatLsn(fromLsn), toLsn: formatLsn(toLsn) })),
      points,
      objects: objects.length,
      bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0),
      problems: [...new Set(problems)],
    })
  }
  return reports
}

/** Open everything, and see that each backup has all that its list names. */
async function verify(archive: Archive, paths: readonly string[], backups: readonly BackupRecord[], problems: string[], report: (text: string) => void): Promise<void> {
  const lengths = new Map<string, number>()
  for (const [index, path] of paths.entries()) {
    if (index % 50 === 0)
      report(`verifies ${archive.name}: ${index} of ${paths.length} objects`)
    const found = await noting(problems, undefined, async () => await archive.get(path))
    if (found)
      lengths.set(path, found.content.length)
  }
  for (const { id } of backups) {
    const { files } = await noting(problems, { files: [], folders: [] }, async () => await readBackupFiles(archive, id))
    const needed = new Map<number, number>()
    for (const [block, offset, length] of files.flatMap(({ parts }) => parts))
      needed.set(block, Math.max(needed.get(block) ?? 0, offset + length))
    for (const [block, length] of needed) {
      const path = blockPath(id, block)
      if (!paths.includes(path))
        problems.push(`${archive.name}/${path} is missing`)
      else if ((lengths.get(path) ?? length) < length)
        problems.push(`${archive.name}/${path} is too short`)
    }
  }
}

/** What cannot be read is a finding, not the end. */
async function noting<T>(problems: string[], otherwise: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  }
  catch (error) {
    if (!(error instanceof EnvelopeError) && !(error instanceof IncompleteBackup))
      throw error
    problems.push(error.message)
    return otherwise
  }
}
