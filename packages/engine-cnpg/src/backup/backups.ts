import type { Backup, BackupMethod, DatabaseRef, DatabaseSpec, Progress, RestorePoint, RestoreSource, RestoreWindow } from '@howdah/engine'
import type { Choice } from '@howdah/postgres'
import type { Database } from '../database.ts'
import type { BackedInstallation, Installation } from '../installation.ts'
import type { ArchiveOrigin, Origin } from '../manifests/bootstrap.ts'
import type { RestoreRoom } from './base.ts'
import type { TakenBackup } from './taken.ts'
import { EngineError, refuseSnapshot } from '@howdah/engine'
import { maintenanceDatabase, nothingYet } from '@howdah/postgres'
import { nothingInPlace, serversOf } from '../in-place/record.ts'
import { isBacked } from '../installation.ts'
import { resources } from '../kubernetes/objects.ts'
import { ownArchive } from '../manifests/bootstrap.ts'
import { archiveOf, idLabel, namespaceOf, serverAnnotation, takenAnnotation } from '../names.ts'
import { callOffTrials } from '../trial-clusters.ts'
import { Archive, archiveOfNow, serverOfNow } from './archive.ts'
import { branchOrigin, canBeginFromSnapshot, sweepBranchSnapshots } from './branch-snapshot.ts'
import { DeliveredBackups } from './delivered-backups.ts'
import { Drills } from './drills.ts'
import { readMemory, rememberPoints } from './memory.ts'
import { backupOfKept, isArchived, neededSince } from './needed.ts'
import { choiceFor, endOfReplay, originOf, readSpans, wholeOriginOf } from './reach.ts'
import { archiveSoFar } from './running.ts'
import { ServerArchive } from './server-archive.ts'
import { isSnapshot } from './snapshots.ts'
import { takeBackup } from './take-backup.ts'
import { backupObjects, removedMark, takenBackups } from './taken.ts'
import { trimArchive } from './trim-archive.ts'
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
    const { backups } = await takenBackups(this.#installation, ref)
    return backups.map(backupView).reverse()
  }

  async take(db: Database, id: string, method: BackupMethod): Promise<Progress> {
    const delivered = this.#deliveredOf(db.ref)
    if (this.#installation.location.volumeSnapshotClass === undefined)
      refuseSnapshot(method)
    if (method === 'snapshot' && delivered)
      throw new EngineError('invalid', 'Its Cluster is kept in Git, and snapshots of its volumes are for that to ask for: what is possible here is `archive`.', { pointer: '/method' })
    if (delivered)
      return await delivered.take(id)
    const { bucket } = this.#backed()
    return await takeBackup(this.#installation, db, server => new Archive(bucket, server), id, method)
  }

  async drill(ref: DatabaseRef, db: Database | undefined, id: string): Promise<Progress> {
    const delivered = this.#deliveredOf(ref)
    if (delivered)
      return await this.#drills.step(delivered.drillSource(), id)
    const installation = this.#backed()
    const server = db ? serverOfNow(db) : (await readMemory(installation, ref))?.inPlace.server
    return await this.#drills.step({
      ref,
      db,
      archive: new Archive(installation.bucket, server ?? ref.id),
      name: ownArchive(ref.id, server),
      // Only what the bucket has comes back after the storage is lost, which is what a drill is about.
      taken: async () => (await takenBackups(installation, ref)).backups.filter(isArchived),
      endOf: endOfReplay,
      choose: async () => await choiceFor(installation, ref, db, { id: ref.id, target: { kind: 'latest' } }),
    }, id)
  }

  /** Remove what drills and branches left that nobody goes on with. */
  async sweep(): Promise<void> {
    await this.#drills.sweep()
    await sweepBranchSnapshots(this.#installation, this.#find)
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
      await this.#remove(ref, [...reach.backups.filter(backup => !needed.has(backup)), ...reach.lost], reach.backups.filter(backup => needed.has(backup)))
  }

  async destroy(ref: DatabaseRef): Promise<void> {
    const installation = this.#backed()
    const { api, location } = installation
    if ((await api.list(resources.cluster, { namespace: namespaceOf(location, ref.project), labels: `${idLabel}=${ref.id}` })).length > 0)
      throw new EngineError('conflict', `"${ref.name}" is there; its archive goes only after it.`)
    await callOffTrials(installation, ref)
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
    const choice = copiedFrom(from, source) ? undefined : await this.choiceFor(spec, from, source)
    return typeof choice === 'string' ? choice : undefined
  }

  /** What a database is made from. Progress: not yet. */
  async originOf(spec: DatabaseSpec, from: RestoreSource, source: Database | undefined): Promise<Origin | Progress> {
    const running = copiedFrom(from, source)
    if (running && isBacked(this.#installation) && canBeginFromSnapshot(this.#installation, running, spec))
      return await branchOrigin(this.#installation, running, spec)
    if (running)
      return { kind: 'server', name: running.ref.name }
    return await this.secure(from, source, spec.id) ?? await this.archivedOriginOf(spec, from, source)
  }

  /** Bring into the archive what a database is made from. Undefined: it is there, or no server has more. `purpose`: who asks again waits for the same. */
  async secure(from: RestoreSource, source: Database | undefined, purpose: string): Promise<Progress | undefined> {
    if (!source || from.target.kind === 'backup')
      return undefined
    this.#deliveredOf(source.ref)?.archiveName()
    const archive = source.cluster.isOurs ? archiveOfNow(this.#backed().bucket, source) : new ServerArchive(source)
    const sealing = await archiveSoFar(source, archive, purpose)
    return sealing?.isArchived === false ? { outcome: 'wait', step: 'secure', afterMs: 1_000, reason: 'What was written last is not in the archive yet.' } : undefined
  }

  /** The same, out of the archive in any case. */
  async archivedOriginOf(spec: Wanted, from: RestoreSource, source: Database | undefined): Promise<ArchiveOrigin> {
    const choice = await this.choiceFor(spec, from, source)
    if (typeof choice === 'string')
      throw new EngineError('invalid', choice, { pointer: '/from' })
    const delivered = source && this.#deliveredOf(source.ref)
    // What is in the archive of one that Git owns nobody of ours sees.
    return delivered ? originOf(delivered.archiveName(), choice) : wholeOriginOf(ownArchive(from.id, choice.backup.server), choice)
  }

  /** With which backup a restore of a database of the project begins, or why there is none. */
  async choiceFor(spec: Wanted, from: RestoreSource, source: Database | undefined): Promise<Choice<TakenBackup> | string> {
    const delivered = source && this.#deliveredOf(source.ref)
    if (delivered)
      return await delivered.choiceFor(from)
    return isBacked(this.#installation) ? await choiceFor(this.#installation, sourceRef(spec, from), source, from, this.#roomOf(spec)) : nothingYet
  }

  #roomOf({ storageGib }: Wanted): RestoreRoom | undefined {
    return storageGib === undefined ? undefined : { storageGib, canGrow: this.#installation.location.storageGrows }
  }

  /** First they are none any more, then they go, and with them WAL that only they needed. What a kill left goes with the next ones. */
  async #remove(ref: DatabaseRef, over: readonly TakenBackup[], kept: readonly TakenBackup[]): Promise<void> {
    const { api, bucket, location } = this.#backed()
    const namespace = namespaceOf(location, ref.project)
    for (const { object } of over)
      await api.merge(resources.backup, { namespace, name: object }, { metadata: { annotations: { [takenAnnotation]: removedMark } } })
    for (const object of await backupObjects(this.#installation, ref)) {
      const { annotations, name } = object.metadata
      if (annotations?.[takenAnnotation] !== removedMark)
        continue
      // A snapshot goes with its Backup.
      if (!isSnapshot(object))
        await new Archive(bucket, annotations[serverAnnotation] ?? ref.id).removeBackup(object.status?.backupId ?? '')
      await api.delete(resources.backup, { namespace, name })
    }
    const [oldest, ...newer] = kept
    // Without any, one may be under way that needs it.
    if (oldest)
      await trimArchive(this.#backed(), ref, this.#find(ref.id), [oldest, ...newer])
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

/** What is to be made. Without a size it takes the place of a database, which begins from the archive only. */
type Wanted = Pick<DatabaseSpec, 'project'> & { readonly storageGib?: number }

/** Leave nothing of the archive of a database that is gone. */
export async function removeArchive(installation: BackedInstallation, ref: DatabaseRef): Promise<void> {
  const { api, bucket, location } = installation
  const namespace = namespaceOf(location, ref.project)
  const memory = await readMemory(installation, ref)
  for (const server of serversOf(ref.id, memory?.inPlace ?? nothingInPlace))
    await new Archive(bucket, server).remove()
  for (const { metadata } of await backupObjects(installation, ref))
    await api.delete(resources.backup, { namespace, name: metadata.name }, { uid: metadata.uid ?? '' })
  await api.delete(resources.objectStore, { namespace, name: archiveOf(ref.id) })
}

/** The latest of a server that runs is copied from it; everything else comes out of its archive. */
function copiedFrom({ target }: RestoreSource, source: Database | undefined): Database | undefined {
  return target.kind === 'latest' && source?.seen.answers && !source.cluster.isHibernationAsked ? source : undefined
}

/** Its name says nothing any more; its archive is found by its id. */
function sourceRef({ project }: Pick<DatabaseSpec, 'project'>, { id }: RestoreSource): DatabaseRef {
  return { id, project, name: id }
}
