import type { DatabaseRef, Plan, Progress, RestoreOrder, RestoreSource, UpgradeOrder } from '@howdah/engine'
import type { Archive } from '../backup/archive.ts'
import type { Backups } from '../backup/backups.ts'
import type { Database } from '../database.ts'
import type { BackedInstallation, Installation } from '../installation.ts'
import type { Origin } from '../manifests/bootstrap.ts'
import type { InPlaceRecord, Past, Recorded, Swap, Upgrade } from './record.ts'
import { EngineError } from '@howdah/engine'
import { chooseBackup, formatLsn } from '@howdah/postgres'
import { archiveOfNow, serverOfNow } from '../backup/archive.ts'
import { readMemory } from '../backup/memory.ts'
import { isNowReachable, isToTheEnd, readArchivedSpans, wholeOriginOf } from '../backup/reach.ts'
import { archiveSoFar } from '../backup/running.ts'
import { keptElsewhere } from '../delivered.ts'
import { isBacked } from '../installation.ts'
import { resources } from '../kubernetes/objects.ts'
import { ownArchive } from '../manifests/bootstrap.ts'
import { archiveOf, idLabel, namespaceOf, upgradingAnnotation } from '../names.ts'
import { Patience } from '../patience.ts'
import { isArchivingFailing } from '../phase.ts'
import { endUpgrade, notUpgraded, UpgradeDriver } from '../upgrade/drive.ts'
import { secureWayBack } from '../upgrade/way-back.ts'
import { keepAuthority } from './authority.ts'
import { comingBack, mark, notRestored, SwapDriver } from './drive.ts'
import { noWayBack, planInPlace, planReset, refusalOfSource } from './plan.ts'
import { isToBeQuiet, quieten, reopen, specInEffect } from './quiet.ts'
import { nothingInPlace, readInPlace, withNewServer, writeInPlace } from './record.ts'

const lookAgainMs = 500
/** For so long a server, or an archive, is waited for that answered a moment ago. */
const patienceMs = 120_000

/** Before it was decided. Afterwards it goes on without the Cluster. */
const clusterDeleted: Progress = {
  outcome: 'failed',
  step: 'secure',
  reason: 'ClusterDeleted',
  message: 'Somebody deleted its Cluster. What had reached its archive by then is still there.',
  nextStep: 'Begin a new database from its archive. What is changed in this one makes it again, empty.',
}

/** What is asked for, before it is decided. */
interface Wish extends Pick<Swap, 'kind' | 'id' | 'until'> {
  /** Brings into the archive of another database what it becomes. Progress: not yet. */
  readonly secure?: () => Promise<Progress | undefined>
  /** What it becomes, once all that it is now is in the archive. */
  readonly origin: () => Promise<Origin>
  /** Major version that it has then; undefined: the one that it has. */
  readonly version?: number
}

/**
 * Restores in place. A Cluster begins once, so it is removed and made again under its name, from the archive, into which everything that it
 * was went first. How far that is stands on the ObjectStore; a process only knows since when it waits.
 */
export class InPlace {
  readonly #installation: Installation
  readonly #find: (id: string) => Database | undefined
  readonly #backups: Backups
  readonly #driver: SwapDriver
  readonly #upgrades: UpgradeDriver
  readonly #patience = new Patience(patienceMs)

  /** `find`: a database that is here. */
  constructor(installation: Installation, find: (id: string) => Database | undefined, backups: Backups) {
    this.#installation = installation
    this.#find = find
    this.#backups = backups
    this.#driver = new SwapDriver(installation, find)
    this.#upgrades = new UpgradeDriver(installation)
  }

  async plan(db: Database, from: RestoreSource): Promise<Plan> {
    const installation = this.#backed()
    return from.id === db.ref.id
      ? await planInPlace(installation, db, from)
      : await planReset(installation, db, { choice: await this.#backups.choiceFor(db.ref, from, this.#sourceOf(db.ref, from)), source: this.#sourceOf(db.ref, from) })
  }

  async restore(ref: DatabaseRef, db: Database | undefined, order: RestoreOrder): Promise<Progress> {
    const { record } = await this.#read(ref)
    if (record.failed?.id === order.id)
      return notRestored(record.failed)
    const underWay = await this.#goOn(ref, db, record)
    if (underWay)
      return underWay
    if (record.kept?.id === order.id)
      return { outcome: 'done' }
    const wish = { kind: 'restore', id: order.id, until: order.undoUntil } as const
    return await this.#begin(ref, db, order.from.id === ref.id
      ? { ...wish, origin: async () => await this.#ownOriginOf(ref, db, order.from) }
      : {
          ...wish,
          secure: async () => await this.#secure(ref, wish, order.from),
          origin: async () => await this.#otherOriginOf(ref, db, order.from),
        })
  }

  async #ownOriginOf(ref: DatabaseRef, db: Database | undefined, { target }: RestoreSource): Promise<Origin> {
    const reach = await readArchivedSpans(this.#backed(), ref, db)
    const choice = isNowReachable(reach) ? chooseBackup(reach.spans, reach.memory?.points ?? [], target) : noWayBack
    if (typeof choice === 'string')
      throw new EngineError('invalid', choice, { pointer: '/from' })
    return wholeOriginOf(ownArchive(ref.id, choice.backup.server), choice)
  }

  /** Out of the archive of another one, which is only read. */
  async #otherOriginOf(ref: DatabaseRef, db: Database | undefined, from: RestoreSource): Promise<Origin> {
    if (!isNowReachable(await readArchivedSpans(this.#backed(), ref, db)))
      throw new EngineError('invalid', noWayBack, { pointer: '/from' })
    return await this.#backups.archivedOriginOf(ref, from, this.#sourceOf(ref, from))
  }

  /** Before the database is kept from anybody: all that the other one has is in its archive. */
  async #secure(ref: DatabaseRef, wish: Pick<Wish, 'id'>, from: RestoreSource): Promise<Progress | undefined> {
    const source = this.#sourceOf(ref, from)
    const refusal = source && refusalOfSource(source)
    return refusal === undefined ? await this.#backups.secure(from, source, wish.id) : this.#patiently(wish, 'secure', refusal)
  }

  /** Nobody becomes what is in another project, whatever is asked. */
  #sourceOf({ project }: DatabaseRef, { id }: RestoreSource): Database | undefined {
    const source = this.#find(id)
    return source?.ref.project === project ? source : undefined
  }

  async undo(ref: DatabaseRef, db: Database | undefined, id: string): Promise<Progress> {
    const { record } = await this.#read(ref)
    const underWay = await this.#goOn(ref, db, record)
    if (underWay)
      return underWay
    const { kept } = record
    if (kept?.id !== id)
      return { outcome: 'done' }
    return await this.#begin(ref, db, { kind: 'undo', id, until: undefined, version: kept.version, origin: async () => await this.#originOf(ref, db, kept) })
  }

  /** Later, where a restore is under way. */
  async endUndo(ref: DatabaseRef, db: Database | undefined): Promise<void> {
    const { record, resourceVersion } = await this.#read(ref)
    if (record.upgrade || await this.#driver.underWay(ref, record))
      throw new EngineError('unavailable', 'It is being restored.')
    if (record.kept)
      await writeInPlace(this.#installation, ref, resourceVersion, { ...record, kept: undefined })
    if (db?.cluster.kept)
      await mark(this.#installation, db)
  }

  /** Once for each id. */
  async upgrade(ref: DatabaseRef, db: Database | undefined, { id, undoUntil, version }: UpgradeOrder): Promise<Progress> {
    const installation = this.#backed()
    const { record } = await this.#read(ref)
    const underWay = await this.#goOn(ref, db, record)
    if (underWay)
      return underWay
    if (record.failed?.id === id)
      return await notUpgraded(installation, made(db, ref), record.failed)
    if (record.kept?.id === id) {
      await endUpgrade(installation, made(db, ref))
      return { outcome: 'done' }
    }
    return await this.#begin(ref, db, {
      kind: 'upgrade',
      id,
      until: undoUntil,
      version,
      secure: async () => await secureWayBack(installation, made(db, ref), id),
      // The way back.
      origin: async () => {
        const reach = await readArchivedSpans(installation, ref, db)
        const choice = isNowReachable(reach) ? chooseBackup(reach.spans, [], { kind: 'latest' }) : noWayBack
        if (typeof choice === 'string')
          throw new EngineError('invalid', choice, { pointer: '/version' })
        return { kind: 'archive', archive: ownArchive(ref.id, choice.backup.server), target: { backupID: choice.backup.barmanId } }
      },
    })
  }

  /** What was begun goes on, whoever asks for what. Undefined: nothing is under way, and others may be let in. */
  async goOn(ref: DatabaseRef, db: Database | undefined): Promise<Progress | undefined> {
    if (!isBacked(this.#installation))
      return undefined
    const read = await readInPlace(this.#installation, ref)
    if (!read)
      return undefined
    const underWay = await this.#goOn(ref, db, read.record)
    if (!underWay)
      await this.#callOff(ref, read)
    return underWay
  }

  async #goOn(ref: DatabaseRef, db: Database | undefined, record: InPlaceRecord): Promise<Progress | undefined> {
    try {
      if (record.upgrade)
        return await this.#upgrades.step(ref, db, record.upgrade)
      const swap = await this.#driver.underWay(ref, record)
      return swap && await this.#driver.step(ref, swap)
    }
    catch (error) {
      // Somebody deletes its Cluster just now, and the next step meets that.
      throw error instanceof EngineError && error.code === 'not-found' ? new EngineError('unavailable', 'Its Cluster is being deleted.', { cause: error }) : error
    }
  }

  /** A swap whose Cluster was to be deleted next. It knows nothing of what is written from now on, so who deletes that Cluster later has not done its next step. */
  async #callOff(ref: DatabaseRef, { record, resourceVersion }: Recorded): Promise<void> {
    if (record.swap)
      await writeInPlace(this.#installation, ref, resourceVersion, { ...record, swap: undefined })
  }

  /** Until it is decided the database can stay what it is. */
  async #begin(ref: DatabaseRef, found: Database | undefined, wish: Wish): Promise<Progress> {
    if (!found && await this.#isDeleted(ref))
      return clusterDeleted
    const db = made(found, ref)
    try {
      const past = await this.#pastOf(db, wish)
      if (past && 'outcome' in past) {
        if (past.outcome === 'failed')
          await this.#giveUp(db, wish)
        return past
      }
      return await this.#decide(db, wish, past)
    }
    catch (error) {
      if (error instanceof EngineError && error.code === 'unavailable')
        throw error
      if (await this.#isDeleted(ref, db.uid))
        return clusterDeleted
      if (error instanceof EngineError)
        await this.#giveUp(db, wish)
      throw error
    }
  }

  /** Of a database that was here its archive is there. One that is not followed yet is waited for. `uid`: of the Cluster that is followed. */
  async #isDeleted(ref: DatabaseRef, uid?: string): Promise<boolean> {
    const { api, location } = this.#installation
    const [live, archive] = await Promise.all([api.get(resources.cluster, { namespace: namespaceOf(location, ref.project), name: ref.name }), readInPlace(this.#installation, ref)])
    if (live?.metadata.labels?.[idLabel] !== ref.id)
      return archive !== undefined
    if (live.metadata.uid !== uid)
      throw new EngineError('unavailable', 'Its Cluster is not looked at yet.')
    return false
  }

  /** What it was last, all of it in the archive, and nobody writes any more. Progress: not yet. */
  async #pastOf(db: Database, wish: Wish): Promise<Past | Progress | undefined> {
    const archive = archiveOfNow(this.#backed().bucket, db)
    const isUp = db.seen.answers && !db.cluster.isHibernationAsked
    if (!isUp && wish.kind === 'undo') {
      // A control plane that has just begun was not answered yet by a server that runs, and of that one more is known.
      const waiting = mayAnswer(db) ? this.#patiently(wish, 'secure', 'Its server does not answer yet.') : undefined
      return waiting?.outcome === 'wait' ? waiting : await this.#lastOf(db, archive)
    }
    if (!isUp)
      return this.#patiently(wish, 'secure', 'Its server does not answer, so nobody can say that all it has is in the archive.')
    if (isArchivingFailing(db.cluster))
      return this.#patiently(wish, 'secure', 'Its WAL does not reach the archive, without which what it is now could not be brought back.')
    if (!await isToBeQuiet(this.#installation, db)) {
      const sealing = await archiveSoFar(db, archive, wish.id)
      if (!sealing?.isArchived)
        return { outcome: 'wait', step: 'secure', afterMs: lookAgainMs, reason: 'What was written last is not in the archive yet.' }
      const unsecured = await wish.secure?.()
      if (unsecured)
        return unsecured
      // Before anybody is kept out: whether it can be done at all.
      await wish.origin()
      await quieten(this.#installation, db)
      this.#patience.forget(wish.id)
      return { outcome: 'continue', step: 'secure' }
    }
    if (!await quieten(this.#installation, db))
      return this.#patiently(wish, 'stop', 'Its sessions are being ended.')
    const sealing = await archiveSoFar(db, archive, `end ${wish.id}`)
    return sealing?.isArchived
      ? { timeline: sealing.timeline, at: sealing.at, lsn: formatLsn(sealing.lsn), server: serverOfNow(db) }
      : this.#patiently(wish, 'stop', 'What was written last is not in the archive yet.')
  }

  async #decide(db: Database, wish: Wish, past: Past | undefined): Promise<Progress> {
    const { ref } = db
    const { record, resourceVersion } = await this.#read(ref)
    const origin = along(await wish.origin(), past)
    if (wish.kind === 'upgrade' && wish.until && wish.version !== undefined && past)
      return await this.#decideUpgrade(db, { id: wish.id, until: wish.until, version: wish.version, past, origin })
    const { server, servers } = goesOn(origin, ref) ? { server: origin.archive.server, servers: record.servers } : withNewServer(ref.id, record)
    const spec = specInEffect(db)
    const swap: Swap = { kind: wish.kind, id: wish.id, until: wish.until, uid: db.uid, past, origin, server, spec: { ...spec, version: wish.version ?? spec.version }, state: db.cluster.state }
    await writeInPlace(this.#installation, ref, resourceVersion, { ...record, swap, servers, failed: undefined })
    await keepAuthority(this.#installation, ref)
    await this.#installation.api.delete(resources.cluster, { namespace: db.namespace, name: ref.name }, { uid: db.uid })
    this.#patience.forget(wish.id)
    return { outcome: 'continue', step: 'stop' }
  }

  /** From here on there is no writing until it is over, one way or the other. Marked first: whoever looks at the Cluster asks the record. */
  async #decideUpgrade(db: Database, wanted: Pick<Upgrade, 'id' | 'until' | 'version' | 'past' | 'origin'>): Promise<Progress> {
    const { ref } = db
    await mark(this.#installation, db, db.cluster.kept, { [upgradingAnnotation]: wanted.id })
    // Should somebody delete the Cluster, it goes with that at once.
    await keepAuthority(this.#installation, ref)
    const { record, resourceVersion } = await this.#read(ref)
    const { server, servers } = withNewServer(ref.id, record)
    const upgrade: Upgrade = { ...wanted, server, spec: specInEffect(db), state: db.cluster.state }
    await writeInPlace(this.#installation, ref, resourceVersion, { ...record, swap: undefined, upgrade, servers, failed: undefined })
    this.#patience.forget(wanted.id)
    return { outcome: 'continue', step: 'stop' }
  }

  #patiently({ id }: Pick<Wish, 'id'>, step: string, reason: string): Progress {
    return this.#patience.isOver(id)
      ? { outcome: 'failed', step, reason: 'NotArchived', message: `${reason} It is as it was.`, nextStep: 'Put that right, then try again. What is in the archive can begin a new database meanwhile.' }
      : { outcome: 'wait', step, afterMs: lookAgainMs, reason }
  }

  async #giveUp(db: Database, { id }: Wish): Promise<void> {
    await this.#callOff(db.ref, await this.#read(db.ref))
    this.#patience.forget(id)
    await reopen(this.#installation, db)
  }

  /** Of a server that does not say how far it had written. What has left nothing is no past. */
  async #lastOf(db: Database, archive: Archive): Promise<Past | undefined> {
    const { cluster: { isHibernationAsked: isHibernated }, ref } = db
    const server = serverOfNow(db)
    const [{ histories, segments }, memory] = await Promise.all([archive.wal(), readMemory(this.#installation, ref)])
    const timeline = Math.max(0, ...histories, ...segments.map(segment => segment.timeline))
    if (timeline <= (memory?.inPlace.pasts.findLast(past => (past.server ?? ref.id) === server)?.timeline ?? 0))
      return undefined
    const end = isHibernated ? memory?.end : undefined
    return { timeline, at: end?.at ?? new Date(), lsn: end && formatLsn(end.lsn), server }
  }

  /** All there is of a past. */
  async #originOf(ref: DatabaseRef, db: Database | undefined, kept: { readonly past: Past }): Promise<Origin> {
    const before = comingBack(ref, await readArchivedSpans(this.#backed(), ref, db), kept.past)
    if (!before)
      throw new EngineError('invalid', 'No backup is left from which it could be brought back.')
    return before.origin
  }

  async #read(ref: DatabaseRef): Promise<Recorded> {
    return await readInPlace(this.#backed(), ref) ?? { record: nothingInPlace, resourceVersion: '' }
  }

  #backed(): BackedInstallation {
    if (!isBacked(this.#installation))
      throw new EngineError('unsupported', 'This location keeps no backups, and without them a database cannot be restored in place.')
    return this.#installation
  }
}

/** Also the first time, when there is no other timeline yet: what replays may have begun one when it has to replay again. Where it is the same again, all of it is. */
function along(origin: Origin, past: Past | undefined): Origin {
  if (origin.kind !== 'archive' || !past || origin.archive.server !== past.server)
    return origin
  const { lsn, timeline } = past
  const target = { targetTLI: String(timeline), ...origin.target }
  return { ...origin, target, ...lsn !== undefined && isToTheEnd(target) && target.targetTLI === String(timeline) ? { end: { timeline, lsn } } : {} }
}

/** On the next timeline of the server of the archive that it comes from. Otherwise it needs one of its own. */
function goesOn(origin: Origin, { id }: DatabaseRef): origin is Extract<Origin, { kind: 'archive' }> {
  return origin.kind === 'archive' && origin.archive.store === archiveOf(id)
}

function mayAnswer({ cluster, seen }: Database): boolean {
  return !cluster.isHibernationAsked && seen.pods.some(pod => pod.isInstance && pod.isReady)
}

function made(db: Database | undefined, ref: DatabaseRef): Database {
  if (!db)
    throw new EngineError('not-found', `There is no database "${ref.name}" here.`)
  if (!db.cluster.isOurs)
    throw new EngineError('conflict', keptElsewhere(db))
  return db
}
