import type { DatabaseRef, Progress } from '@howdah/engine'
import type { ClusterObject } from '../cluster-object.ts'
import type { Database } from '../database.ts'
import type { Upgrade } from '../in-place/record.ts'
import type { Installation } from '../installation.ts'
import type { ClusterManifest } from '../manifests/cluster.ts'
import { EngineError } from '@howdah/engine'
import { listLogicalDatabases } from '@howdah/postgres'
import { imageFor } from '../image-for.ts'
import { giveAuthority, keepAuthority } from '../in-place/authority.ts'
import { mark } from '../in-place/drive.ts'
import { isReopened, reopen } from '../in-place/quiet.ts'
import { changeInPlace } from '../in-place/record.ts'
import { ApiError } from '../kubernetes/api.ts'
import { resources } from '../kubernetes/objects.ts'
import { Looks } from '../look.ts'
import { ownArchive } from '../manifests/bootstrap.ts'
import { clusterManifest } from '../manifests/cluster.ts'
import { idLabel, namespaceOf, stateAnnotation, upgradingAnnotation } from '../names.ts'
import { Patience } from '../patience.ts'
import { judge } from '../phase.ts'
import { isSubset } from '../subset.ts'
import { runningMajor } from './running-major.ts'
import { setApartBackups } from './set-apart-backups.ts'
import { updateExtensions } from './update-extensions.ts'
import { whyNotUpgraded } from './upgrade-job.ts'

const lookAgainMs = 500
/** For so long something may keep a server, or pg_upgrade, from starting. */
const patienceMs = 300_000
/** Statistics of a large database are one statement. */
const statementMs = 12 * 3_600_000

/**
 * Brings a major upgrade that was decided to its end, from wherever it was stopped. The operator is told the new image and the new server
 * of the archive at once; nobody is let in until it is over, so until then nothing is lost by going back.
 */
export class UpgradeDriver {
  readonly #installation: Installation
  /** What follows when the new server answers. */
  readonly #finishing = new Looks<void>(lookAgainMs)
  readonly #patience = new Patience(patienceMs)

  constructor(installation: Installation) {
    this.#installation = installation
  }

  async step(ref: DatabaseRef, db: Database | undefined, upgrade: Upgrade): Promise<Progress> {
    const live = await this.#live(ref)
    // Somebody deletes it. All that it was is in the archive.
    if (!live || live.metadata.deletionTimestamp !== undefined)
      return await this.#throughArchive(ref, live?.metadata.uid, upgrade, upgrade.back ?? { reason: 'UpgradeFailed', message: 'Its Cluster was deleted while it was being upgraded.' })
    if (!db || db.uid !== live.metadata.uid)
      return waitFor('transfer', 'Its Cluster is being looked at.')
    if (upgrade.back)
      return await this.#goBack(db, live, upgrade, upgrade.back)
    const asUpgraded = this.#manifestOf(db, upgrade, upgrade.version, upgrade.server)
    try {
      if (await this.#apply(db, live, asUpgraded, async () => await setApartBackups(this.#installation, db)))
        return { outcome: 'continue', step: 'stop' }
    }
    catch (error) {
      if (error instanceof ApiError)
        return await this.#turnBack(db, upgrade, `The cluster refuses it: ${error.message}.`)
      throw error
    }
    const { cluster, pods } = db.seen
    const failed = pods.find(pod => pod.isUpgrade && pod.hasFailed)
    if (failed)
      return await this.#turnBack(db, upgrade, await whyNotUpgraded(this.#installation, failed))
    if (pods.some(pod => pod.isInstance && pod.isReady) && await runningMajor(db) === upgrade.version)
      return await this.#takeOver(db, upgrade)
    const { message, reason } = judge(db.seen)
    const isStuck = pods.length === 0 || pods.some(({ trouble }) => trouble)
    if (this.#patience.isOver(upgrade.id, isStuck))
      return await this.#turnBack(db, upgrade, `The upgraded server does not come up. ${message || `The operator says: ${cluster.phase}.`}${reason === '' ? '' : ` (${reason})`}`)
    return waitFor('transfer', `The operator says: ${cluster.phase || 'nothing yet'}.`)
  }

  /** Nobody is let in. */
  #manifestOf(db: Database, { spec }: Upgrade, version: number, server: string | undefined): ClusterManifest {
    const { image } = imageFor(this.#installation.images, version)
    return clusterManifest({ ...spec, version, allowedCidrs: [] }, this.#installation.location, image, db.cluster.origin, ownArchive(db.ref.id, server))
  }

  /** True: it was not so. `first`: what is done before. */
  async #apply(db: Database, live: ClusterObject, manifest: ClusterManifest, first?: () => Promise<void>): Promise<boolean> {
    const { api, clusters } = this.#installation
    if (isSubset(manifest, live))
      return false
    await first?.()
    db.letGo()
    clusters.note(await api.apply(resources.cluster, manifest, { uid: db.uid }))
    return true
  }

  async #live({ id, name, project }: DatabaseRef): Promise<ClusterObject | undefined> {
    const { api, location } = this.#installation
    const live = await api.get<ClusterObject>(resources.cluster, { namespace: namespaceOf(location, project), name })
    if (live && live.metadata.labels?.[idLabel] !== id)
      throw new EngineError('conflict', `A Cluster named "${name}" is in the project's namespace, and it is not this database.`)
    return live
  }

  async #takeOver(db: Database, upgrade: Upgrade): Promise<Progress> {
    const { id, past, server, spec, state, until, version } = upgrade
    const finished = await this.#finishing.at(id, async say => await this.#finish(db, say))
    if (typeof finished === 'string')
      return waitFor('verify', finished)
    const kept = { id, until, version: spec.version, past }
    await mark(this.#installation, db, kept, { [stateAnnotation]: JSON.stringify({ ...state, spec: state.spec && { ...state.spec, version } }) })
    await changeInPlace(this.#installation, db.ref, record => ({ ...record, server, pasts: [...record.pasts, past], kept, upgrade: undefined, failed: undefined }))
    this.#forget(upgrade)
    return { outcome: 'continue', step: 'swap' }
  }

  /** What pg_upgrade leaves to be done. PostgreSQL 18 keeps statistics, but for those over several columns. */
  async #finish(db: Database, say: (text: string) => void): Promise<void> {
    for (const { name } of await listLogicalDatabases(db)) {
      say(`The extensions and the statistics of "${name}" are brought up to date.`)
      const refused = await db.asSuperuser(name, async (session) => {
        const refused = [...await updateExtensions(session)]
        try {
          await session.query('analyze')
        }
        catch (error) {
          // What an index computes may fail, and is its owner's; autovacuum meets it too.
          if (!(error instanceof EngineError) || error.code === 'unavailable')
            throw error
          refused.push(error.message)
        }
        return refused
      }, { statementMs })
      if (refused.length > 0)
        this.#installation.log.warn({ database: db.ref.id, logicalDatabase: name, refused }, 'extensions or statistics stay what they were before the upgrade')
    }
  }

  async #turnBack(db: Database, { id }: Upgrade, message: string): Promise<Progress> {
    this.#installation.log.warn({ database: db.ref.id, reason: message }, 'a major upgrade failed; the database becomes what it was')
    await changeInPlace(this.#installation, db.ref, record => record.upgrade?.id === id ? { ...record, upgrade: { ...record.upgrade, back: { reason: 'UpgradeFailed', message } } } : record)
    this.#forget({ id })
    return { outcome: 'continue', step: 'transfer' }
  }

  /** pg_upgrade leaves the old files as they are until it has succeeded. Where they do not serve any more, the archive has them. */
  async #goBack(db: Database, live: ClusterObject, upgrade: Upgrade, back: NonNullable<Upgrade['back']>): Promise<Progress> {
    const { past, spec } = upgrade
    if (live.status?.pgDataImageInfo?.majorVersion !== spec.version)
      return await this.#throughArchive(db.ref, db.uid, upgrade, back)
    if (await this.#apply(db, live, this.#manifestOf(db, upgrade, spec.version, past.server)))
      return { outcome: 'continue', step: 'transfer' }
    const { cluster, pods } = db.seen
    if (pods.some(pod => pod.isInstance && pod.isReady) && await runningMajor(db) === spec.version) {
      this.#forget(upgrade)
      await changeInPlace(this.#installation, db.ref, record => ({ ...record, upgrade: undefined, failed: { id: upgrade.id, ...back } }))
      return { outcome: 'continue', step: 'transfer' }
    }
    if (this.#patience.isOver(upgrade.id))
      return await this.#throughArchive(db.ref, db.uid, upgrade, back)
    return waitFor('transfer', `It becomes what it was. The operator says: ${cluster.phase || 'nothing yet'}.`)
  }

  /** `uid`: of the Cluster that is there. */
  async #throughArchive(ref: DatabaseRef, uid: string | undefined, { id, origin, past, spec, state }: Upgrade, back: NonNullable<Upgrade['back']>): Promise<Progress> {
    await keepAuthority(this.#installation, ref)
    const { server } = past
    await changeInPlace(this.#installation, ref, record => ({
      ...record,
      upgrade: undefined,
      swap: { kind: 'upgrade', id, until: undefined, uid: uid ?? '', isBegun: true, past, origin, ...server === undefined ? {} : { server }, spec, state, back },
    }))
    this.#forget({ id })
    return { outcome: 'continue', step: 'transfer' }
  }

  #forget({ id }: Pick<Upgrade, 'id'>): void {
    this.#finishing.forget(id)
    this.#patience.forget(id)
  }
}

/** Once what is on record says how it ended. */
export async function endUpgrade(installation: Installation, db: Database): Promise<void> {
  if (!db.cluster.isUpgrading)
    return
  await giveAuthority(installation, db.cluster)
  await mark(installation, db, db.cluster.kept, { [upgradingAnnotation]: null })
}

/** It is what it was; that is told to whoever asks again, and what kept others out is taken away. */
export async function notUpgraded(installation: Installation, db: Database, { message, reason }: NonNullable<Upgrade['back']>): Promise<Progress> {
  await endUpgrade(installation, db)
  await reopen(installation, db)
  if (!await isReopened(installation, db))
    return waitFor('transfer', 'It is being opened again.')
  return { outcome: 'failed', step: 'transfer', reason, message: `${message} It is what it was before.`, nextStep: 'Put right what it says, rehearse it, and try again.' }
}

function waitFor(step: string, reason: string): Progress {
  return { outcome: 'wait', step, afterMs: lookAgainMs, reason }
}
