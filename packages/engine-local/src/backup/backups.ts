import type { Backup, DatabaseRef, Progress, Refusal, RestorePoint, RestoreSource, RestoreSpan, RestoreWindow } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { Restored, RestoreOrder } from './restore.ts'
import { EngineError } from '@howdah/engine'
import { formatLsn, verdictOf } from '@howdah/postgres'
import { archiveOf } from '../archive-site.ts'
import { EnvelopeError } from '../archive/envelope.ts'
import { discardPlace } from '../places.ts'
import { holdToRoom, sizeOf } from '../room.ts'
import { runDrill } from './drill.ts'
import { expire, removeArchive, trim } from './expire.ts'
import { Job } from './job.ts'
import { backupOf, readBackup, readBackups, removeBackup } from './manifest.ts'
import { findProof, readProof } from './proof.ts'
import { RestoreError } from './restore-error.ts'
import { makeRestorePoint, readRestorePoints } from './restore-points.ts'
import { isCopied, restoreDatabase } from './restore.ts'
import { choiceFor, readSpans } from './source.ts'
import { takeBackup } from './take-backup.ts'

/** Backups and restores of an installation, and which of them are under way in this process. */
export class Backups {
  readonly #installation: Installation
  readonly #taking = new Map<string, { readonly database: string, readonly job: Job }>()
  readonly #restoring = new Map<string, Job<Restored>>()
  /** By database: one drill at a time is enough for it. */
  readonly #drilling = new Map<string, Job>()

  constructor(installation: Installation) {
    this.#installation = installation
  }

  async list(ref: DatabaseRef): Promise<readonly Backup[]> {
    const archive = this.#archive(ref)
    return await readable(async () => await Promise.all((await readBackups(archive)).map(async record => backupOf(record, await readProof(archive, record.id))).reverse()))
  }

  async take(db: Database, id: string): Promise<Progress> {
    const archive = this.#archive(db.ref)
    const running = this.#taking.get(id)?.job
    if (!running && await readBackup(archive, id))
      return { outcome: 'done' }
    const job = running ?? new Job(async job => await takeBackup(db, archive, id, job))
    this.#taking.set(id, { database: db.ref.id, job })
    try {
      return await job.look()
    }
    finally {
      if (job.isEnded)
        this.#taking.delete(id)
    }
  }

  async drill(ref: DatabaseRef, source: Database | undefined, id: string): Promise<Progress> {
    const archive = this.#archive(ref)
    const running = this.#drilling.get(ref.id)
    const before = running ? undefined : await findProof(archive, id)
    if (before)
      return verdictOf(before)
    const job = running ?? new Job(async job => await runDrill({ installation: this.#installation, archive, source }, id, job))
    this.#drilling.set(ref.id, job)
    try {
      const progress = await job.look()
      const proof = progress.outcome === 'done' ? await findProof(archive, id) : undefined
      return proof ? verdictOf(proof) : progress
    }
    catch (error) {
      throw error instanceof RestoreError ? new EngineError('unavailable', `${error.message} ${error.nextStep}`, { cause: error }) : error
    }
    finally {
      if (job.isEnded)
        this.#drilling.delete(ref.id)
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

  /** Why a database of this major version cannot begin as this; undefined when it can. `exhausted` where the disk has no room for it. */
  async refusalOf({ id, target }: RestoreSource, source: Database | undefined, major: number): Promise<Refusal | undefined> {
    const { sharesBlocks } = this.#installation
    if (source && await isCopied(target, source)) {
      await holdToRoom(this.#installation, sharesBlocks ? 0 : await sizeOf(source), 'A copy')
      return refuseOther(source.identity.major, major)
    }
    const choice = await readable(async () => await choiceFor(this.#archive({ id, name: id, project: '' }), source, target))
    if (typeof choice === 'string')
      return { pointer: '/from', detail: choice }
    await holdToRoom(this.#installation, choice.backup.dataBytes, 'What is to be restored')
    return refuseOther(choice.backup.major, major)
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
    const restoring = this.#restoring.get(id)
    const taking = [...this.#taking].filter(([, { database }]) => database === id)
    await Promise.all([restoring, this.#drilling.get(id), ...taking.map(([, { job }]) => job)].map(async job => await job?.cancel()))
    if (restoring?.made) {
      restoring.made.running?.session.close()
      await discardPlace(this.#installation, restoring.made.root)
    }
    this.#restoring.delete(id)
    this.#drilling.delete(id)
    for (const [backup] of taking)
      this.#taking.delete(backup)
  }

  /** Let go: backups end here, and restores are begun again by whoever asks next; one that was made is found by then. */
  async close(): Promise<void> {
    await Promise.all([...[...this.#taking.values()].map(({ job }) => job), ...this.#restoring.values(), ...this.#drilling.values()].map(async job => await job.cancel()))
    for (const { made } of this.#restoring.values())
      made?.running?.session.close()
  }

  #archive(ref: DatabaseRef) {
    if (!/^[\w-]{1,64}$/.test(ref.id))
      throw new EngineError('not-found', `There is no archive of "${ref.name}" here.`)
    return archiveOf(this.#installation, ref.id)
  }
}

/** Data of one major is read by no other: an upgrade lies between the two. */
function refuseOther(then: number, major: number): Refusal | undefined {
  return then === major ? undefined : { pointer: '/version', detail: `It had PostgreSQL ${then} then: that state begins a new database of version ${then}.` }
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
