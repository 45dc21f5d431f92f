import type { Backup, DatabaseRef, Progress, RestorePoint, RestoreSource, RestoreSpan, RestoreWindow } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { Restored, RestoreOrder } from './restore.ts'
import { EngineError } from '@howdah/engine'
import { archiveOf } from '../archive-site.ts'
import { EnvelopeError } from '../archive/envelope.ts'
import { formatLsn } from '../archive/wal-names.ts'
import { discardPlace } from '../places.ts'
import { expire, removeArchive, trim } from './expire.ts'
import { Job } from './job.ts'
import { backupOf, readBackup, readBackups, removeBackup } from './manifest.ts'
import { RestoreError } from './restore-error.ts'
import { makeRestorePoint, readRestorePoints } from './restore-points.ts'
import { isCopied, restoreDatabase } from './restore.ts'
import { choiceFor, readSpans } from './source.ts'
import { takeBackup } from './take-backup.ts'

/** Backups and restores of an installation, and which of them are under way in this process. */
export class Backups {
  readonly #installation: Installation
  readonly #taking = new Map<string, Job>()
  readonly #restoring = new Map<string, Job<Restored>>()

  constructor(installation: Installation) {
    this.#installation = installation
  }

  async list(ref: DatabaseRef): Promise<readonly Backup[]> {
    return (await readable(async () => await readBackups(this.#archive(ref)))).map(backupOf).reverse()
  }

  async take(db: Database, id: string): Promise<Progress> {
    const archive = this.#archive(db.ref)
    const running = this.#taking.get(id)
    if (!running && await readBackup(archive, id))
      return { outcome: 'done' }
    const job = running ?? new Job(async job => await takeBackup(db, archive, id, job))
    this.#taking.set(id, job)
    try {
      return await job.look()
    }
    finally {
      if (job.isEnded)
        this.#taking.delete(id)
    }
  }

  async remove(ref: DatabaseRef, id: string): Promise<void> {
    const archive = this.#archive(ref)
    await removeBackup(archive, id)
    await trim(archive, await readBackups(archive))
  }

  async expire(ref: DatabaseRef, before: Date): Promise<void> {
    await expire(this.#archive(ref), before)
  }

  async removeArchive(ref: DatabaseRef): Promise<void> {
    await removeArchive(this.#archive(ref))
  }

  async window(ref: DatabaseRef, db: Database | undefined): Promise<RestoreWindow> {
    return (await readable(async () => await readSpans(this.#archive(ref), db))).map(({ from, fromLsn, to, toLsn }): RestoreSpan => ({ from, to, fromLsn: formatLsn(fromLsn), toLsn: formatLsn(toLsn) }))
  }

  async points(ref: DatabaseRef): Promise<readonly RestorePoint[]> {
    return await readable(async () => await readRestorePoints(this.#archive(ref)))
  }

  async makePoint(db: Database, name: string): Promise<RestorePoint> {
    return await makeRestorePoint(db, this.#archive(db.ref), name)
  }

  /** Why a database cannot begin as this; undefined when it can. */
  async refusalOf({ id, target }: RestoreSource, source: Database | undefined): Promise<string | undefined> {
    if (await isCopied(target, source))
      return undefined
    const choice = await readable(async () => await choiceFor(this.#archive({ id, name: id, project: '' }), source, target))
    return typeof choice === 'string' ? choice : undefined
  }

  /** Progress of a restore, or what it has made, which is then the caller's. It begins anew where none is under way. */
  async restore(order: RestoreOrder): Promise<Progress | Restored> {
    const { id } = order.spec
    const job = this.#restoring.get(id) ?? new Job<Restored>(async job => await restoreDatabase(order, job))
    this.#restoring.set(id, job)
    try {
      const progress = await job.look()
      return job.made ?? progress
    }
    catch (error) {
      if (error instanceof RestoreError)
        return { outcome: 'failed', step: job.step, reason: error.reason, message: error.message, nextStep: error.nextStep }
      throw error
    }
    finally {
      if (job.isEnded)
        this.#restoring.delete(id)
    }
  }

  /** Call off what is under way for a database. */
  async cancel(id: string): Promise<void> {
    const job = this.#restoring.get(id)
    await job?.cancel()
    if (job?.made)
      await discardPlace(this.#installation, job.made.root)
    this.#restoring.delete(id)
  }

  /** Let go: backups end here, and restores are begun again by whoever asks next. */
  async close(): Promise<void> {
    await Promise.all([...this.#taking.values(), ...this.#restoring.values()].map(async job => await job.cancel()))
  }

  #archive(ref: DatabaseRef) {
    if (!/^[\w-]{1,64}$/.test(ref.id))
      throw new EngineError('not-found', `There is no archive of "${ref.name}" here.`)
    return archiveOf(this.#installation, ref.id)
  }
}

/** What nobody can read now may be readable again: with another key, or when it is put back. */
async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  }
  catch (error) {
    if (error instanceof EnvelopeError)
      throw new EngineError('unavailable', `The archive cannot be read: ${error.message}.`, { cause: error })
    throw error
  }
}
