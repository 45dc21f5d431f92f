import type { Backup, DatabaseRef, DatabaseSpec, Progress, RestorePoint, RestoreSource, RestoreWindow } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { BackedInstallation, Installation } from '../installation.ts'
import type { Origin } from '../manifests/bootstrap.ts'
import type { TakenBackup } from './taken.ts'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase, nothingYet, parseLsn, segmentAt } from '@howdah/postgres'
import { isBacked } from '../installation.ts'
import { resources } from '../kubernetes/objects.ts'
import { ownArchive } from '../manifests/bootstrap.ts'
import { archiveOf, idLabel, namespaceOf, takenAnnotation } from '../names.ts'
import { Archive } from './archive.ts'
import { DeliveredBackups } from './delivered-backups.ts'
import { Drills, removeDrills } from './drills.ts'
import { readMemory, rememberPoints } from './memory.ts'
import { backupOfKept, neededSince } from './needed.ts'
import { choiceFor, readSpans, recoveryTargetOf } from './reach.ts'
import { archiveSoFar } from './running.ts'
import { takeBackup } from './take-backup.ts'
import { backupObjects, removedMark, takenBackups } from './taken.ts'
import { backupView, spanView } from './view.ts'

/** What PostgreSQL allows, less what would be awkward to write down. */
const pointName = /^[a-z0-9][\w.-]{0,62}$/i

/** Backups of the location's databases: objects of the cluster, and an archive in the bucket for each. What Git owns has an archive of its own. */
export class Backups {
  readonly #installation: Installation
  readonly #find: (id: string) => Database | undefined
  readonly #drills: Drills

  /** `find`: a database that is here. */
  constructor(installation: Installation, find: (id: string) => Database | undefined) {
    this.#installation = installation
    this.#find = find
    this.#drills = new Drills(installation)
  }

  async list(ref: DatabaseRef): Promise<readonly Backup[]> {
    const delivered = this.#deliveredOf(ref)
    if (delivered)
      return await delivered.list()
    if (!this.#installation.bucket)
      return []
    const backups = await takenBackups(this.#installation, ref)
    return backups.map(backupView).reverse()
  }

  async take(db: Database, id: string): Promise<Progress> {
    const delivered = this.#deliveredOf(db.ref)
    if (delivered)
      return await delivered.take(id)
    const { bucket } = this.#backed()
    return await takeBackup(this.#installation, db, new Archive(bucket, db.ref.id), id)
  }

  async drill(ref: DatabaseRef, db: Database | undefined, id: string): Promise<Progress> {
    const delivered = this.#deliveredOf(ref)
    if (delivered)
      return await this.#drills.step(delivered.drillSource(), id)
    const installation = this.#backed()
    return await this.#drills.step({
      ref,
      db,
      archive: new Archive(installation.bucket, ref.id),
      name: ownArchive(ref.id),
      taken: async () => await takenBackups(installation, ref),
      choose: async () => await choiceFor(installation, ref, db, { id: ref.id, target: { kind: 'latest' } }),
    }, id)
  }

  /** Remove what drills left that nobody goes on with. */
  async sweep(): Promise<void> {
    await this.#drills.sweep()
  }

  async remove(ref: DatabaseRef, id: string): Promise<void> {
    const delivered = this.#deliveredOf(ref)
    if (delivered)
      return await delivered.remove(id)
    if (!isBacked(this.#installation))
      return
    const reach = await readSpans(this.#installation, ref, this.#find(ref.id))
    const { backups, memory } = reach
    const backup = backups.find(candidate => candidate.id === id)
    const kept = memory?.inPlace.kept
    if (kept && backup && backup === backupOfKept(reach, kept))
      throw new EngineError('conflict', `What it was before it was restored begins with this backup, and can be brought back until ${kept.until.toISOString()}.`)
    if (backup)
      await this.#remove(ref, [backup], backups.filter(candidate => candidate !== backup))
  }

  async expire(ref: DatabaseRef, before: Date): Promise<void> {
    if (!isBacked(this.#installation))
      return
    const reach = await readSpans(this.#installation, ref, this.#find(ref.id))
    const needed = new Set(neededSince(reach, before))
    if (reach.backups.length > 0)
      await this.#remove(ref, reach.backups.filter(backup => !needed.has(backup)), reach.backups.filter(backup => needed.has(backup)))
  }

  async destroy(ref: DatabaseRef): Promise<void> {
    const installation = this.#backed()
    const { api, location } = installation
    if ((await api.list(resources.cluster, { namespace: namespaceOf(location, ref.project), labels: `${idLabel}=${ref.id}` })).length > 0)
      throw new EngineError('conflict', `"${ref.name}" is there; its archive goes only after it.`)
    await removeDrills(installation, ref)
    await removeArchive(installation, ref)
  }

  async window(ref: DatabaseRef, db: Database | undefined): Promise<RestoreWindow> {
    const delivered = this.#deliveredOf(ref)
    if (delivered)
      return await delivered.window()
    if (!isBacked(this.#installation))
      return []
    const { spans } = await readSpans(this.#installation, ref, db)
    return spans.map(spanView)
  }

  async points(ref: DatabaseRef): Promise<readonly RestorePoint[]> {
    return this.#installation.bucket ? (await readMemory(this.#installation, ref))?.points ?? [] : []
  }

  async makePoint(db: Database, name: string): Promise<RestorePoint> {
    const delivered = this.#deliveredOf(db.ref)
    if (delivered)
      return await delivered.makePoint()
    this.#backed()
    if (!pointName.test(name))
      throw new EngineError('invalid', 'A restore point has a name of 1 to 63 letters, digits, hyphens, dots and underscores.', { pointer: '/name' })
    const memory = await readMemory(this.#installation, db.ref)
    if (!memory)
      throw new EngineError('unsupported', `"${db.ref.name}" does not archive its WAL.`)
    if (memory.points.some(point => point.name === name))
      throw new EngineError('conflict', `There is a restore point "${name}" already.`, { pointer: '/name' })
    const [row] = await db.asSuperuser(maintenanceDatabase, async session =>
      await session.query<{ lsn: string, at: Date }>('select pg_create_restore_point($1)::text as lsn, clock_timestamp() as at', [name]))
    if (!row)
      throw new Error('the server did not say where the restore point is')
    const point = { name, at: row.at, lsn: row.lsn }
    await rememberPoints(this.#installation, db.ref, memory, [...memory.points, point])
    return point
  }

  /** Why a database cannot begin as this; undefined when it can. Both are of one project. */
  async refusalOf(spec: DatabaseSpec, from: RestoreSource, source: Database | undefined): Promise<string | undefined> {
    if (copiedFrom(from, source))
      return undefined
    const delivered = source && this.#deliveredOf(source.ref)
    if (delivered)
      return await delivered.refusalOf(from)
    if (!isBacked(this.#installation))
      return nothingYet
    const choice = await choiceFor(this.#installation, sourceRef(spec, from), source, from)
    return typeof choice === 'string' ? choice : undefined
  }

  /** What a database is made from. Progress: not yet. */
  async originOf(spec: DatabaseSpec, from: RestoreSource, source: Database | undefined): Promise<Origin | Progress> {
    const running = copiedFrom(from, source)
    if (running)
      return { kind: 'server', name: running.ref.name }
    const delivered = source && this.#deliveredOf(source.ref)
    if (delivered)
      return await delivered.originOf(from, spec.id)
    const installation = this.#backed()
    const sealing = source && from.target.kind !== 'backup' ? await archiveSoFar(source, new Archive(installation.bucket, from.id), spec.id) : undefined
    if (sealing?.isArchived === false)
      return { outcome: 'wait', step: 'secure', afterMs: 1_000, reason: 'What was written last is not in the archive yet.' }
    const choice = await choiceFor(installation, sourceRef(spec, from), source, from)
    if (typeof choice === 'string')
      throw new EngineError('invalid', choice, { pointer: '/from' })
    return { kind: 'archive', archive: ownArchive(from.id), target: recoveryTargetOf(choice) }
  }

  /** First they are none any more, then they go, and with them WAL that only they needed. What a kill left goes with the next ones. */
  async #remove(ref: DatabaseRef, over: readonly TakenBackup[], kept: readonly TakenBackup[]): Promise<void> {
    const { api, bucket, location } = this.#backed()
    const namespace = namespaceOf(location, ref.project)
    const archive = new Archive(bucket, ref.id)
    for (const { object } of over)
      await api.merge(resources.backup, { namespace, name: object }, { metadata: { annotations: { [takenAnnotation]: removedMark } } })
    for (const { metadata, status } of await backupObjects(this.#installation, ref)) {
      if (metadata.annotations?.[takenAnnotation] !== removedMark)
        continue
      await archive.removeBackup(status?.backupId ?? '')
      await api.delete(resources.backup, { namespace, name: metadata.name })
    }
    // Without any, one may be under way that needs it.
    if (kept.length > 0)
      await this.#trim(ref, archive, kept)
  }

  /** After a restore in place positions are used again, so the oldest one need not have the lowest. */
  async #trim(ref: DatabaseRef, archive: Archive, [oldest, ...newer]: readonly TakenBackup[]): Promise<void> {
    if (!oldest)
      return
    await archive.removeWalBefore(Math.min(...[oldest, ...newer].map(({ startLsn }) => segmentAt(parseLsn(startLsn) ?? 0n))))
    const memory = await readMemory(this.#installation, ref)
    const points = memory?.points.filter(({ at }) => at >= oldest.finishedAt)
    if (memory && points && points.length < memory.points.length)
      await rememberPoints(this.#installation, ref, memory, points)
  }

  #deliveredOf({ id }: DatabaseRef): DeliveredBackups | undefined {
    const db = this.#find(id)
    return db && !db.cluster.isOurs ? new DeliveredBackups(this.#installation, db) : undefined
  }

  #backed(): BackedInstallation {
    if (!isBacked(this.#installation))
      throw new EngineError('unsupported', 'This location keeps no backups.')
    return this.#installation
  }
}

/** Leave nothing of the archive of a database that is gone. */
export async function removeArchive(installation: BackedInstallation, ref: DatabaseRef): Promise<void> {
  const { api, bucket, location } = installation
  const namespace = namespaceOf(location, ref.project)
  await new Archive(bucket, ref.id).remove()
  for (const { metadata } of await backupObjects(installation, ref))
    await api.delete(resources.backup, { namespace, name: metadata.name }, { uid: metadata.uid ?? '' })
  await api.delete(resources.objectStore, { namespace, name: archiveOf(ref.id) })
}

/** The latest of a server that runs is copied from it; everything else comes out of its archive. */
function copiedFrom({ target }: RestoreSource, source: Database | undefined): Database | undefined {
  return target.kind === 'latest' && source?.seen.answers && !source.cluster.isHibernationAsked ? source : undefined
}

/** Its name says nothing any more; its archive is found by its id. */
function sourceRef({ project }: DatabaseSpec, { id }: RestoreSource): DatabaseRef {
  return { id, project, name: id }
}
