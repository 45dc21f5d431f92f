import type { Backup, BackupProof, DatabaseRef } from '@howdah/engine'
import type { Archive } from '../archive/archive.ts'
import { Buffer } from 'node:buffer'
import { removeObjects } from './remove-objects.ts'

/** All that is known of a base backup but its files. Written last: a backup is there when this is. */
export interface BackupRecord extends Omit<Backup, 'method' | 'startedAt' | 'finishedAt'> {
  readonly dataBytes: number
  readonly storedBytes: number
  readonly format: 1
  readonly startedAt: string
  readonly finishedAt: string
  readonly source: DatabaseRef
  readonly major: number
  readonly systemIdentifier: string
  /** The role that owns the first logical database, and its name. */
  readonly owner: string
  readonly database: string
  readonly extensions: readonly string[]
  /** Text of the file that tells a server where recovery begins. */
  readonly label: string
  readonly blocks: number
}

export interface BackupFiles {
  readonly folders: readonly string[]
  readonly files: readonly BackupFile[]
}

export interface BackupFile {
  readonly path: string
  /** Where its bytes are, in order: block, offset in it, length. */
  readonly parts: readonly (readonly [block: number, offset: number, length: number])[]
}

const folder = 'base'

/** Something of a backup is not there. */
export class IncompleteBackup extends Error {
  override readonly name = 'IncompleteBackup'
}

export function blockPath(backup: string, block: number): string {
  return `${folder}/${backup}/${String(block).padStart(6, '0')}`
}

export async function writeBackup(archive: Archive, record: BackupRecord, files: BackupFiles): Promise<void> {
  const time = new Date(record.finishedAt)
  await archive.put(`${folder}/${record.id}/files`, Buffer.from(JSON.stringify(files)), time)
  await archive.put(`${folder}/${record.id}/backup`, Buffer.from(JSON.stringify(record)), time)
}

export async function readBackup(archive: Archive, id: string): Promise<BackupRecord | undefined> {
  return await readJson(archive, `${folder}/${id}/backup`) as BackupRecord | undefined // sealed by us
}

export async function readBackupFiles(archive: Archive, id: string): Promise<BackupFiles> {
  const files = await readJson(archive, `${folder}/${id}/files`)
  if (!files)
    throw new IncompleteBackup(`the backup ${id} has no list of its files`)
  return files as BackupFiles // sealed by us
}

/** Ids of complete ones, in no order. They can be told without a key. */
export async function backupIds(archive: Archive): Promise<string[]> {
  const ids = await archive.folders(folder)
  const complete = await Promise.all(ids.map(async id => await archive.has(`${folder}/${id}/backup`)))
  return ids.filter((_, index) => complete[index])
}

/** Complete ones, oldest first. */
export async function readBackups(archive: Archive): Promise<readonly BackupRecord[]> {
  const ids = await archive.folders(folder)
  const records = await Promise.all(ids.map(async id => await readBackup(archive, id)))
  return records.filter(record => record !== undefined).sort((a, b) => a.finishedAt < b.finishedAt ? -1 : 1)
}

/** First what makes it a backup, so that no part of one is ever taken for a whole. */
export async function removeBackup(archive: Archive, id: string): Promise<void> {
  await archive.remove(`${folder}/${id}/backup`)
  await removeObjects(archive, (await archive.list(`${folder}/${id}`)).map(({ path }) => path))
}

export function backupOf(record: BackupRecord, proof: BackupProof | undefined): Backup {
  const { id, startLsn, stopLsn, timeline, serverVersion, dataBytes, storedBytes } = record
  return { id, method: 'archive', startedAt: new Date(record.startedAt), finishedAt: new Date(record.finishedAt), startLsn, stopLsn, timeline, serverVersion, dataBytes, storedBytes, ...proof === undefined ? {} : { proof } }
}

async function readJson(archive: Archive, path: string): Promise<unknown> {
  const found = await archive.get(path)
  return found && JSON.parse(found.content.toString())
}
