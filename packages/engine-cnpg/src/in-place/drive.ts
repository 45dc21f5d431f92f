import type { DatabaseRef, Progress } from '@howdah/engine'
import type { Reach } from '../backup/reach.ts'
import type { Database } from '../database.ts'
import type { BackedInstallation, Installation } from '../installation.ts'
import type { ClusterView } from '../views.ts'
import type { InPlaceRecord, Kept, Past, Swap } from './record.ts'
import { EngineError } from '@howdah/engine'
import { Archive } from '../backup/archive.ts'
import { backupOfKept } from '../backup/needed.ts'
import { endOfReplay, readArchivedSpans } from '../backup/reach.ts'
import { shortfallOf, whyNotRestored } from '../backup/restored-server.ts'
import { forgetPasswords } from '../configure.ts'
import { imageFor } from '../image-for.ts'
import { isBacked } from '../installation.ts'
import { resources } from '../kubernetes/objects.ts'
import { ownArchive } from '../manifests/bootstrap.ts'
import { clusterManifest } from '../manifests/cluster.ts'
import { keptAnnotation, namespaceOf, stateAnnotation } from '../names.ts'
import { judge } from '../phase.ts'
import { isLeaving, readRemains } from '../remains.ts'
import { clusterView } from '../views.ts'
import { giveAuthority } from './authority.ts'
import { isReopened, reopen } from './quiet.ts'
import { isDecided, readInPlace, writeInPlace } from './record.ts'

const lookAgainMs = 500
/** An archive that is away for a moment costs one. What is damaged stays damaged. */
const mostTriesAgain = 2
/** From then on it is tried when somebody asks, and not more often. */
const restMs = 10 * 60_000

/** Brings a swap that was decided to its end, from wherever it was stopped: the Cluster goes, is made again, and takes over. */
export class SwapDriver {
  readonly #installation: Installation
  readonly #find: (id: string) => Database | undefined

  constructor(installation: Installation, find: (id: string) => Database | undefined) {
    this.#installation = installation
    this.#find = find
  }

  /** Undefined: none is, or the Cluster that was to go is there as before. */
  async underWay(ref: DatabaseRef, { swap }: InPlaceRecord): Promise<Swap | undefined> {
    return swap && isDecided(swap, await this.#live(ref)) ? swap : undefined
  }

  async step(ref: DatabaseRef, swap: Swap): Promise<Progress> {
    const live = await this.#live(ref)
    if (live?.uid === swap.uid) {
      if (!live.isDeleting)
        await this.#installation.api.delete(resources.cluster, { namespace: live.namespace, name: live.name }, { uid: live.uid })
      return waitFor('stop', 'Its servers are being stopped.')
    }
    if (!live)
      return await this.#make(ref, swap)
    if (live.id !== ref.id)
      throw new EngineError('conflict', `A Cluster named "${ref.name}" is in the project's namespace, and it is not this database.`)
    const db = this.#find(ref.id)
    if (db?.uid !== live.uid)
      return waitFor('fetch', 'The Cluster was made.')
    return await this.#follow(db, swap)
  }

  async #live(ref: DatabaseRef): Promise<ClusterView | undefined> {
    const { api, location } = this.#installation
    const object = await api.get(resources.cluster, { namespace: namespaceOf(location, ref.project), name: ref.name })
    return object && clusterView(object)
  }

  async #make(ref: DatabaseRef, { origin, server, spec }: Swap): Promise<Progress> {
    const { api, clusters, location } = this.#installation
    clusters.forget(namespaceOf(location, ref.project), ref.name)
    const { pods, volumes } = await readRemains(this.#installation, ref)
    const leaving = [...pods, ...volumes].filter(isLeaving).length
    // Its address is a new one, and is not to be found before that.
    if (await api.get(resources.service, { namespace: namespaceOf(location, ref.project), name: `${ref.name}-rw` }))
      return waitFor('stop', 'Its Services are being removed.')
    if (leaving > 0)
      return waitFor('stop', `${leaving} pods and volumes of it are being removed.`)
    // Nobody gets in before it is known to be whole, or with a password of then.
    clusters.note(await api.apply(resources.cluster, clusterManifest({ ...spec, allowedCidrs: [] }, location, imageFor(this.#installation.images, spec.version).image, origin, ownArchive(ref.id, server))))
    return { outcome: 'continue', step: 'stop' }
  }

  async #follow(db: Database, swap: Swap): Promise<Progress> {
    const { cluster, pods } = db.seen
    const instance = pods.find(pod => pod.isInstance)
    if (instance?.isReady)
      return await this.#takeOver(db, swap)
    const { message, reason } = judge(db.seen)
    if (reason === 'RestoreFailed')
      return await this.#goBack(db, swap, await whyNotRestored(this.#installation, db, this.#archiveOf(db, swap)))
    return waitFor('fetch', message || `The operator says: ${cluster.phase || 'nothing yet'}.`)
  }

  async #takeOver(db: Database, swap: Swap): Promise<Progress> {
    const { ref } = db
    const { record, resourceVersion } = await this.#read(ref)
    try {
      const shortfall = await shortfallOf(db, swap.origin)
      if (shortfall !== undefined)
        return await this.#goBack(db, swap, shortfall)
      if (!swap.back)
        await forgetPasswords(db)
      else if (!await this.#isOpened(db, swap))
        return waitFor('swap', 'It is being opened again.')
    }
    catch (error) {
      if (error instanceof EngineError && error.code === 'unavailable')
        return waitFor('swap', error.message)
      throw error
    }
    await giveAuthority(this.#installation, db.cluster)
    const kept = keptAfter(swap, record)
    await mark(this.#installation, db, kept, swap.back && { [stateAnnotation]: JSON.stringify(swap.state) })
    await writeInPlace(this.#installation, ref, resourceVersion, {
      server: swap.server,
      servers: record.servers,
      pasts: [...record.pasts, ...swap.past ? [swap.past] : []],
      kept,
      failed: swap.back && swap.kind !== 'undo' ? { id: swap.id, ...swap.back } : undefined,
    })
    return swap.back && swap.kind !== 'upgrade' ? notRestored(swap.back) : { outcome: 'continue', step: 'swap' }
  }

  /** What was in effect comes back with its passwords, for those who had them. */
  async #isOpened(db: Database, { spec }: Swap): Promise<boolean> {
    await reopen(this.#installation, db, spec)
    return await isReopened(this.#installation, db, spec)
  }

  #archiveOf({ ref }: Database, { past }: Swap): Archive {
    return new Archive(this.#backed().bucket, past?.server ?? ref.id)
  }

  #backed(): BackedInstallation {
    if (!isBacked(this.#installation))
      throw new EngineError('unsupported', 'This location keeps no backups any more.')
    return this.#installation
  }

  /** It becomes what it was; where it is on the way there already, that is tried again. An archive that is away is waited for first. */
  async #goBack(db: Database, swap: Swap, message: string): Promise<Progress> {
    const { ref } = db
    if (swap.back && isWornOut(swap))
      return await giveUp(db, message)
    const { record, resourceVersion } = await this.#read(ref)
    const before = swap.past && comingBack(ref, await readArchivedSpans(this.#backed(), ref, db), swap.past)
    const again: Swap = before
      ? {
          ...swap,
          uid: db.uid,
          isBegun: true,
          ...before,
          spec: { ...swap.spec, version: swap.state.spec?.version ?? swap.spec.version },
          back: swap.back ?? { reason: 'RestoreFailed', message },
          ...swap.back ? { again: { count: (swap.again?.count ?? 0) + 1, at: new Date() } } : {},
        }
      : { ...swap, uid: db.uid, isBegun: true }
    await writeInPlace(this.#installation, ref, resourceVersion, { ...record, swap: again })
    this.#installation.log.warn({ database: ref.id, reason: message }, 'a restore in place failed; the database becomes what it was')
    return swap.back ? waitFor('fetch', `It becomes what it was, and that is tried again: ${message}`) : { outcome: 'continue', step: 'fetch' }
  }

  async #read(ref: DatabaseRef) {
    const read = await readInPlace(this.#installation, ref)
    if (!read)
      throw new EngineError('unavailable', `The archive of "${ref.name}" is not there.`)
    return read
  }
}

function isWornOut({ again }: Swap): boolean {
  return again !== undefined && again.count >= mostTriesAgain && Date.now() - again.at.getTime() < restMs
}

/** It stays what it is by then, to which nobody is let in, and says so. */
async function giveUp(db: Database, message: string): Promise<Progress> {
  if (db.cluster.state.shortfall !== message)
    await db.record({ shortfall: message })
  return {
    outcome: 'failed',
    step: 'fetch',
    reason: 'RestoreFailed',
    message: `It cannot become what it was before: ${message} Nobody is let in.`,
    nextStep: `Mend its archive and try again; until ${restMs / 60_000} minutes after the last time that is not done once more. Or begin a new database from this one, at a moment before that.`,
  }
}

/** Say on the Cluster what can be brought back, so that whoever looks sees it. */
export async function mark({ api, clusters }: Installation, { namespace, ref, uid }: Database, kept?: Kept, others: Readonly<Record<string, string | null>> = {}): Promise<void> {
  clusters.note(await api.merge(resources.cluster, { namespace, name: ref.name }, {
    metadata: { uid, annotations: { ...others, [keptAnnotation]: kept ? JSON.stringify(kept) : null } },
  }))
}

export function notRestored({ message, reason }: NonNullable<Swap['back']>): Progress {
  return { outcome: 'failed', step: 'fetch', reason, message: `${message} It is what it was before.`, nextStep: 'Restore to another moment, or begin a new database from this one.' }
}

/** What it was is recovered to its end, and goes on in its own server of the archive. Undefined: no backup leads there. */
export function comingBack({ id }: DatabaseRef, reach: Pick<Reach, 'backups' | 'eras' | 'spans'>, past: Past): Pick<Swap, 'origin' | 'server'> | undefined {
  const backup = backupOfKept(reach, { past })
  if (!backup)
    return undefined
  const { at, lsn, server, timeline } = past
  const span = reach.spans.findLast(({ era }) => era?.timeline === timeline && era.until?.getTime() === at.getTime())
  const end = lsn === undefined ? span && endOfReplay(span) : { timeline, lsn }
  return { origin: { kind: 'archive', archive: ownArchive(id, server), target: { backupID: backup.barmanId, targetTLI: String(timeline) }, ...end ? { end } : {} }, server }
}

function keptAfter({ back, id, past, spec, state, until }: Swap, record: InPlaceRecord): Kept | undefined {
  if (back)
    return record.kept
  return until && past ? { id, until, version: state.spec?.version ?? spec.version, past } : undefined
}

function waitFor(step: string, reason: string): Progress {
  return { outcome: 'wait', step, afterMs: lookAgainMs, reason }
}
