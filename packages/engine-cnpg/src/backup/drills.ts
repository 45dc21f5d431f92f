import type { BackupProof, DatabaseRef, Progress, ProofCheck } from '@howdah/engine'
import type { Choice } from '@howdah/postgres'
import type { Installation } from '../installation.ts'
import type { ArchiveName } from '../manifests/bootstrap.ts'
import type { ClusterView } from '../views.ts'
import type { ArchiveView } from './archive.ts'
import type { DrillRecord } from './drill-record.ts'
import type { TakenBackup } from './taken.ts'
import { EngineError } from '@howdah/engine'
import { checkData, disproofOf, nothingYet, verdictOf, writeCanary } from '@howdah/postgres'
import { Database } from '../database.ts'
import { ApiError } from '../kubernetes/api.ts'
import { resources } from '../kubernetes/objects.ts'
import { Look } from '../look.ts'
import { drillManifest } from '../manifests/drill.ts'
import { drillAnnotation, drillLabel, proofAnnotation } from '../names.ts'
import { judge } from '../phase.ts'
import { areTrialsGone, removeTrials, trialsOf } from '../trial-clusters.ts'
import { within } from '../within.ts'
import { drillText } from './drill-record.ts'
import { firstAnswer, whyNotRestored } from './restored-server.ts'
import { holdToQuota } from './room.ts'

const lookAgainMs = 1_000
/** What a drill restored is kept for so long after somebody last asked how far it is. */
const abandonedAfterMs = 30 * 60_000
/** What keeps a pod from starting may pass: a node is added, or a store comes back. */
const patienceMs = 10 * 60_000
/** Every row of a large table is one statement. */
const statementMs = 12 * 3_600_000

/** What an archive is asked for to see whether it answers. */
const anySegment = '000000010000000000000001'

/** The database whose newest backup is tried, and its archive. */
export interface DrillSource {
  readonly ref: DatabaseRef
  /** Where it is still here. */
  readonly db: Database | undefined
  readonly archive: ArchiveView
  readonly name: ArchiveName
  readonly taken: () => Promise<readonly TakenBackup[]>
  readonly choose: () => Promise<Choice<TakenBackup> | string>
}

/**
 * Restores the newest backup into a Cluster beside the original, as one would after all of its volumes were lost, looks at everything in
 * it, and removes it. How far a drill is stands in that Cluster, and what it found on the backup; a process only knows what it has begun
 * itself, and whoever goes on in its place begins that again.
 */
export class Drills {
  readonly #installation: Installation
  /** By drill: a row on its way into the archive. */
  readonly #canaries = new Map<string, WrittenCanary>()
  /** By drill: a look at what was restored. */
  readonly #looks = new Map<string, Look<readonly ProofCheck[]>>()
  /** Drills of which it was told that the restore itself is over. */
  readonly #restored = new Set<string>()
  /** By drill: since when, by our own clock, something keeps its server from starting; undefined while nothing does. */
  readonly #stuckSince = new Map<string, number | undefined>()

  constructor(installation: Installation) {
    this.#installation = installation
  }

  /** Move one step towards the drill of this id being over. */
  async step(source: DrillSource, id: string): Promise<Progress> {
    const { ref } = source
    const [clusters, backups] = [await trialsOf(this.#installation, ref, drillLabel), await source.taken()]
    const proof = backups.find(backup => backup.proof?.drill === id)?.proof
    // Of one database one drill at a time is under way, so another one was given up.
    const over = clusters.filter(({ drill, isDeleting }) => proof !== undefined || isDeleting || drill?.id !== id)
    if (over.length > 0) {
      await removeTrials(this.#installation, over)
      return this.#wait(proof ? 'remove' : 'canary', 'What was restored is being removed.')
    }
    if (proof)
      return await this.#end(ref, id) ? verdictOf(proof) : this.#wait('remove', 'What was restored is being removed.')
    if (backups.length === 0)
      throw new EngineError('invalid', nothingYet)
    const [cluster] = clusters
    try {
      return cluster?.drill ? await this.#follow(source, cluster, cluster.drill) : await this.#begin(source, id)
    }
    catch (error) {
      if (error instanceof EngineError && error.code !== 'unavailable') {
        this.#forget(id)
        await removeTrials(this.#installation, await trialsOf(this.#installation, ref, drillLabel))
      }
      throw error
    }
  }

  /** Remove what drills left that nobody goes on with: their control plane is gone, or they were called off. */
  async sweep(): Promise<void> {
    const now = new Date()
    await removeTrials(this.#installation, this.#installation.clusters.values().filter(({ drill }) => drill !== undefined && drill.until < now))
  }

  async #begin(source: DrillSource, id: string): Promise<Progress> {
    const { db, name, ref } = source
    const { api, clusters, images, location } = this.#installation
    const canary = await this.#canary(source, id)
    if (canary && !await source.archive.hasSegment(canary.segment))
      return this.#wait('canary', `Waits until ${canary.segment} is in the archive.`)
    const dataLossMs = canary && Math.round(performance.now() - canary.writtenAtMs)
    const choice = await source.choose()
    if (typeof choice === 'string')
      throw new EngineError('invalid', choice)
    const { backup, span } = choice
    const version = Number.parseInt(backup.serverVersion)
    const image = images.find(({ major }) => major === version)
    if (!image)
      throw new EngineError('unsupported', `PostgreSQL ${version} is not on offer in this location any more, so what was backed up with it cannot be tried.`)
    const now = new Date()
    const bytes = backup.dataBytes ?? undefined
    const manifest = drillManifest({
      ref,
      archive: name,
      backupID: backup.barmanId,
      version,
      like: db && (db.cluster.state.spec ?? db.cluster.delivered),
      bytes: bytes && Math.max(bytes, db?.seen.storageUsedBytes ?? 0),
      application: db && { database: db.main, owner: db.owner },
      ownedBy: db?.uid,
      record: { id, backup: backup.object, begunAt: now, until: new Date(now.getTime() + abandonedAfterMs), canaryAt: canary?.at, dataLossMs, reaches: canary?.at ?? span.to, answer: undefined },
    }, location, image.image)
    holdToQuota(this.#installation, manifest)
    try {
      clusters.note(await api.create(resources.cluster, manifest))
    }
    catch (error) {
      // Somebody else began the same.
      if (!(error instanceof ApiError && error.status === 409))
        throw error
    }
    this.#forget(id)
    return { outcome: 'continue', step: 'canary' }
  }

  async #follow(source: DrillSource, cluster: ClusterView, drill: DrillRecord): Promise<Progress> {
    await this.#holdOn(cluster, drill)
    const db = new Database(this.#installation, cluster, source.ref.project, () => {})
    return drill.answer ? await this.#check(source, db, drill, drill.answer) : await this.#untilAnswered(source, db, drill)
  }

  async #untilAnswered(source: DrillSource, db: Database, drill: DrillRecord): Promise<Progress> {
    const { cluster, pods } = db.seen
    const instance = pods.find(pod => pod.isInstance)
    if (instance && !this.#restored.has(drill.id)) {
      this.#restored.add(drill.id)
      return { outcome: 'continue', step: 'fetch' }
    }
    if (instance?.isReady) {
      const answer = await firstAnswer(db, drill)
      if (typeof answer === 'string')
        return this.#wait('replay', answer)
      await this.#record(cluster, { ...drill, answer })
      return { outcome: 'continue', step: 'replay' }
    }
    const { message, reason } = judge(db.seen)
    if (reason === 'RestoreFailed') {
      // Throws where the archive is away: then nothing is known of the backup.
      await source.archive.hasSegment(anySegment)
      const detail = await whyNotRestored(this.#installation, db)
      await this.#prove(cluster, drill, { isGood: false, message: detail, recoveryTimeMs: null, reachedAt: null, reachedLsn: null, checks: [{ name: 'restore', isGood: false, detail }] })
      return { outcome: 'continue', step: 'fetch' }
    }
    const isStuck = pods.length === 0 || (reason !== '' && reason !== 'RestoreFailing')
    const since = isStuck ? this.#stuckSince.get(drill.id) ?? performance.now() : undefined
    this.#stuckSince.set(drill.id, since)
    if (since !== undefined && performance.now() - since > patienceMs)
      throw new EngineError('exhausted', `The restored server does not come up. ${message || 'The operator makes no pod for it.'}`)
    return this.#wait(instance ? 'replay' : 'fetch', message || `The operator says: ${cluster.phase || 'nothing yet'}.`)
  }

  async #check(source: DrillSource, db: Database, drill: DrillRecord, { lsn, recoveryTimeMs, serverVersion }: NonNullable<DrillRecord['answer']>): Promise<Progress> {
    const look = this.#looks.get(drill.id) ?? lookAtAll(db, drill)
    this.#looks.set(drill.id, look)
    await within(lookAgainMs, look.ended)
    if (!look.result)
      return { outcome: 'wait', step: 'check', afterMs: 1, reason: look.at }
    this.#looks.delete(drill.id)
    const checks: ProofCheck[] = [{ name: 'start', isGood: true, detail: `PostgreSQL ${serverVersion} started and answered.` }]
    const reached = { recoveryTimeMs, reachedAt: drill.reaches, reachedLsn: lsn }
    if ('value' in look.result) {
      checks.push(...look.result.value)
      const bad = checks.find(({ isGood }) => !isGood)
      await this.#prove(db.cluster, drill, { ...reached, isGood: bad === undefined, message: bad?.detail ?? '', checks })
      return { outcome: 'continue', step: 'check' }
    }
    const message = disproofOf(look.result.error)
    if (message === undefined)
      throw look.result.error
    await this.#prove(db.cluster, drill, { ...reached, isGood: false, message, checks: [...checks, { name: 'restore', isGood: false, detail: message }] })
    return { outcome: 'continue', step: 'check' }
  }

  /** A row that has to be in what is restored. Written again when another primary names its segments otherwise. */
  async #canary({ db }: DrillSource, id: string): Promise<WrittenCanary | undefined> {
    if (!db?.seen.answers || db.cluster.isHibernationAsked)
      return undefined
    const primary = db.cluster.currentPrimary
    const known = this.#canaries.get(id)
    if (known?.primary === primary)
      return known
    const canary = { ...await writeCanary(db, id), primary, writtenAtMs: performance.now() }
    this.#canaries.set(id, canary)
    return canary
  }

  async #holdOn(cluster: ClusterView, drill: DrillRecord): Promise<void> {
    if (drill.until.getTime() - Date.now() < abandonedAfterMs / 2)
      await this.#record(cluster, { ...drill, until: new Date(Date.now() + abandonedAfterMs) })
  }

  async #record({ name, namespace, uid }: ClusterView, record: DrillRecord): Promise<void> {
    const { api, clusters } = this.#installation
    clusters.note(await api.merge(resources.cluster, { namespace, name }, { metadata: { uid, annotations: { [drillAnnotation]: drillText(record) } } }))
  }

  async #prove({ namespace }: ClusterView, { backup, dataLossMs, id }: DrillRecord, found: Omit<BackupProof, 'drill' | 'at' | 'dataLossMs'>): Promise<void> {
    const proof: BackupProof = { drill: id, at: new Date(), dataLossMs: dataLossMs ?? null, ...found }
    try {
      await this.#installation.api.merge(resources.backup, { namespace, name: backup }, { metadata: { annotations: { [proofAnnotation]: JSON.stringify(proof) } } })
    }
    catch (error) {
      throw error instanceof ApiError && error.status === 404
        ? new EngineError('not-found', 'The backup was removed while it was tried.', { cause: error })
        : error
    }
  }

  /** False: something of it is left. */
  async #end(ref: DatabaseRef, id: string): Promise<boolean> {
    this.#forget(id)
    return await areTrialsGone(this.#installation, ref, drillLabel)
  }

  #forget(id: string): void {
    this.#canaries.delete(id)
    this.#looks.delete(id)
    this.#restored.delete(id)
    this.#stuckSince.delete(id)
  }

  #wait(step: string, reason: string): Progress {
    return { outcome: 'wait', step, afterMs: lookAgainMs, reason }
  }
}

interface WrittenCanary extends Awaited<ReturnType<typeof writeCanary>> {
  /** Name of the pod that has it. */
  readonly primary: string
  /** By our own clock, which also says when it was archived. */
  readonly writtenAtMs: number
}

/** Everything that was restored is read. */
function lookAtAll(db: Database, { canaryAt, id }: DrillRecord): Look<readonly ProofCheck[]> {
  const canary = canaryAt && { drill: id, at: canaryAt }
  return new Look(async say => await checkData(async (database, work) => await db.asSuperuser(database, work, { statementMs }), canary, say))
}
