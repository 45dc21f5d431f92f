import type { Progress, UpgradeOrder, UpgradeReport } from '@howdah/engine'
import type { BackedInstallation } from '../installation.ts'
import type { ClusterManifest } from '../manifests/cluster.ts'
import type { ClusterView } from '../views.ts'
import type { Comparison, Inventory } from './inventory.ts'
import type { RehearsalRecord } from './rehearsal-record.ts'
import { EngineError } from '@howdah/engine'
import { plannerChanges, rehearsalVerdict } from '@howdah/postgres'
import { archiveOfNow } from '../backup/archive.ts'
import { choiceFor } from '../backup/reach.ts'
import { whyNotRestored } from '../backup/restored-server.ts'
import { holdToQuota } from '../backup/room.ts'
import { archiveSoFar } from '../backup/running.ts'
import { Database } from '../database.ts'
import { imageFor } from '../image-for.ts'
import { ApiError } from '../kubernetes/api.ts'
import { resources } from '../kubernetes/objects.ts'
import { Look } from '../look.ts'
import { ownArchive } from '../manifests/bootstrap.ts'
import { imageIn } from '../manifests/cluster.ts'
import { rehearsalManifest } from '../manifests/rehearsal.ts'
import { rehearsalAnnotation, rehearsalLabel, stateAnnotation } from '../names.ts'
import { judge } from '../phase.ts'
import { areTrialsGone, removeTrials, trialsOf } from '../trial-clusters.ts'
import { within } from '../within.ts'
import { compareWith, takeInventory } from './inventory.ts'
import { rehearsalText } from './rehearsal-record.ts'
import { readReport, writeReport } from './report.ts'
import { runningMajor } from './running-major.ts'
import { whyNotUpgraded } from './upgrade-job.ts'
import { secureWayBack } from './way-back.ts'

const lookAgainMs = 1_000
/** A copy is kept for so long after somebody last asked how far its rehearsal is. */
const abandonedAfterMs = 30 * 60_000
/** What keeps a pod from starting may pass: a node is added, or a store comes back. */
const patienceMs = 10 * 60_000
/** Every row of a large table is one statement. */
const statementMs = 12 * 3_600_000
/** What an archive is asked for to see whether it answers. */
const anySegment = '000000010000000000000001'

type Order = Pick<UpgradeOrder, 'id' | 'version'>

/**
 * Upgrades a copy, made from the archive beside the original, as the original would be: by the operator, with pg_upgrade. How far that is
 * stands in the Cluster of the copy, and what was found beside the archive.
 */
export class Rehearsals {
  readonly #installation: BackedInstallation
  /** By rehearsal: rows that are counted. */
  readonly #inventories = new Map<string, Look<Inventory>>()
  readonly #comparisons = new Map<string, Look<Comparison>>()
  /** By rehearsal: since when, by our own clock, something keeps its server from starting. */
  readonly #stuckSince = new Map<string, number>()

  constructor(installation: BackedInstallation) {
    this.#installation = installation
  }

  /** Move one step towards the rehearsal of this id being over. */
  async step(db: Database, order: Order): Promise<Progress> {
    const { ref } = db
    const [report, copies] = [await readReport(this.#installation, ref), await trialsOf(this.#installation, ref, rehearsalLabel)]
    const known = report?.id === order.id ? report : undefined
    // Of one database one rehearsal at a time is under way, so another one was given up.
    const over = copies.filter(({ isDeleting, rehearsal }) => known !== undefined || isDeleting || rehearsal?.id !== order.id)
    if (over.length > 0) {
      await removeTrials(this.#installation, over)
      return wait(known ? 'remove' : 'copy', 'The copy is being removed.')
    }
    if (known) {
      this.#forget(order.id)
      return await areTrialsGone(this.#installation, ref, rehearsalLabel) ? rehearsalVerdict(known) : wait('remove', 'The copy is being removed.')
    }
    const [copy] = copies
    try {
      return copy?.rehearsal ? await this.#follow(db, copy, copy.rehearsal) : await this.#begin(db, order)
    }
    catch (error) {
      if (error instanceof EngineError && error.code !== 'unavailable') {
        this.#forget(order.id)
        await removeTrials(this.#installation, await trialsOf(this.#installation, ref, rehearsalLabel))
      }
      throw error
    }
  }

  /** Remove copies that nobody goes on with: their control plane is gone, or they were called off. */
  async sweep(): Promise<void> {
    const now = new Date()
    await removeTrials(this.#installation, this.#installation.clusters.values().filter(({ rehearsal }) => rehearsal !== undefined && rehearsal.until < now))
  }

  async #begin(db: Database, { id, version }: Order): Promise<Progress> {
    const { api, bucket, clusters } = this.#installation
    const unsecured = await secureWayBack(this.#installation, db, id)
    if (unsecured)
      return unsecured
    const sealing = await archiveSoFar(db, archiveOfNow(bucket, db), id)
    if (!sealing)
      throw new EngineError('unavailable', 'Its server does not answer now.')
    if (!sealing.isArchived)
      return wait('copy', 'What was written last is not in the archive yet.')
    const now = new Date()
    const manifest = await this.#manifestOf(db, { id, version, begunAt: now, until: new Date(now.getTime() + abandonedAfterMs) })
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
    return { outcome: 'continue', step: 'copy' }
  }

  async #manifestOf(db: Database, record: RehearsalRecord): Promise<ClusterManifest> {
    const { ref } = db
    const { spec } = db.cluster.state
    if (!spec)
      throw new EngineError('unavailable', 'The database is still being made.')
    const choice = await choiceFor(this.#installation, ref, db, { id: ref.id, target: { kind: 'latest' } })
    if (typeof choice === 'string')
      throw new EngineError('invalid', choice)
    return rehearsalManifest({
      ...spec,
      ref,
      record,
      archive: ownArchive(ref.id, choice.backup.server),
      backupID: choice.backup.barmanId,
      application: { database: db.main, owner: db.owner },
      ownedBy: db.uid,
    }, this.#installation.location, imageFor(this.#installation.images, spec.version).image)
  }

  async #follow(db: Database, copy: ClusterView, record: RehearsalRecord): Promise<Progress> {
    await this.#holdOn(copy, record)
    const server = new Database(this.#installation, copy, db.ref.project, () => {})
    if (!record.before)
      return await this.#count(db, server, record)
    if (!record.stoppedAt)
      return await this.#stop(copy, { ...record, stoppedAt: new Date() })
    return record.answeredAt ? await this.#compare(db, server, record, record.before) : await this.#untilUpgraded(db, server, record, record.before)
  }

  async #count(db: Database, server: Database, record: RehearsalRecord): Promise<Progress> {
    const { cluster, pods } = server.seen
    if (!pods.some(pod => pod.isInstance && pod.isReady)) {
      const { message, reason } = judge(server.seen)
      if (reason === 'RestoreFailed') {
        // Throws where the archive is away: then nothing is known of the backup.
        await archiveOfNow(this.#installation.bucket, db).hasSegment(anySegment)
        return await this.#found(db, record, { name: 'copy', detail: await whyNotRestored(this.#installation, server) })
      }
      this.#holdToPatience(record, pods.length === 0 || (reason !== '' && reason !== 'RestoreFailing'), message)
      return wait('copy', message || `The operator says: ${cluster.phase || 'nothing yet'}.`)
    }
    const look = this.#inventories.get(record.id) ?? new Look(async say => await takeInventory(connectTo(server), say))
    const before = await this.#seen(this.#inventories, record, look)
    if (before === undefined)
      return wait('replay', look.at)
    await this.#record(server.cluster, { ...record, before })
    return { outcome: 'continue', step: 'replay' }
  }

  /** The operator stops the server, and has pg_upgrade bring its files over. */
  async #stop(copy: ClusterView, record: RehearsalRecord): Promise<Progress> {
    const { location } = this.#installation
    await this.#change(copy, { [rehearsalAnnotation]: rehearsalText(record) }, imageIn(location, record.version, imageFor(this.#installation.images, record.version).image))
    this.#stuckSince.delete(record.id)
    return { outcome: 'continue', step: 'replay' }
  }

  async #untilUpgraded(db: Database, server: Database, record: RehearsalRecord, before: Inventory): Promise<Progress> {
    const { cluster, pods } = server.seen
    const failed = pods.find(pod => pod.isUpgrade && pod.hasFailed)
    if (failed)
      return await this.#found(db, record, { name: 'transfer', detail: await whyNotUpgraded(this.#installation, failed) }, before)
    const running = pods.some(pod => pod.isInstance && pod.isReady) ? await runningMajor(server) : undefined
    if (running === record.version) {
      const { spec } = cluster.state
      await this.#change(cluster, {
        [rehearsalAnnotation]: rehearsalText({ ...record, answeredAt: new Date() }),
        [stateAnnotation]: JSON.stringify({ ...cluster.state, spec: spec && { ...spec, version: record.version } }),
      })
      return { outcome: 'continue', step: 'transfer' }
    }
    const { message, reason } = judge(server.seen)
    this.#holdToPatience(record, pods.length === 0 || reason !== '', message)
    return wait('transfer', `The operator says: ${cluster.phase || 'nothing yet'}.`)
  }

  async #compare(db: Database, server: Database, record: RehearsalRecord, before: Inventory): Promise<Progress> {
    const look = this.#comparisons.get(record.id) ?? new Look(async say => await compareWith(before, connectTo(server), say))
    const after = await this.#seen(this.#comparisons, record, look)
    if (after === undefined)
      return wait('verify', look.at)
    const { answeredAt, id, stoppedAt } = record
    const checks = [
      { name: 'transfer', isGood: true, detail: `pg_upgrade brought ${before.databases === 1 ? 'the logical database' : `${before.databases} logical databases`} to PostgreSQL ${record.version}.` },
      ...after.checks,
      { name: 'start', isGood: true, detail: `PostgreSQL ${after.serverVersion} starts with the parameters of the database.` },
    ]
    const bad = checks.filter(({ isGood }) => !isGood)
    await writeReport(this.#installation, db.ref, {
      id,
      at: new Date(),
      from: before.serverVersion,
      to: after.serverVersion,
      isGood: bad.length === 0,
      message: bad.map(({ detail }) => detail).join(' '),
      interruptionMs: answeredAt && stoppedAt ? answeredAt.getTime() - stoppedAt.getTime() : null,
      databases: before.databases,
      tables: before.tables,
      rows: before.rows,
      extensions: after.extensions,
      planner: plannerChanges(before.planner, after.planner, db.cluster.state.spec?.parameters ?? {}),
      checks,
    })
    return { outcome: 'continue', step: 'verify' }
  }

  /** It would fail. */
  async #found(db: Database, { id, version }: RehearsalRecord, { detail, name }: { readonly name: string, readonly detail: string }, before?: Inventory): Promise<Progress> {
    const { databases = 0, rows = 0, serverVersion = db.observed.serverVersion ?? '', tables = 0 } = before ?? {}
    const report: UpgradeReport = { id, at: new Date(), from: serverVersion, to: imageFor(this.#installation.images, version).version, isGood: false, message: detail, interruptionMs: null, databases, tables, rows, extensions: [], planner: [], checks: [{ name, isGood: false, detail }] }
    await writeReport(this.#installation, db.ref, report)
    return { outcome: 'continue', step: 'transfer' }
  }

  /** Undefined: not yet, or no server answered. */
  async #seen<T>(looks: Map<string, Look<T>>, { id }: RehearsalRecord, look: Look<T>): Promise<T | undefined> {
    looks.set(id, look)
    await within(lookAgainMs, look.ended)
    if (!look.result)
      return undefined
    looks.delete(id)
    if ('value' in look.result)
      return look.result.value
    if (look.result.error instanceof EngineError && look.result.error.code === 'unavailable')
      return undefined
    throw look.result.error
  }

  #holdToPatience({ id }: RehearsalRecord, isStuck: boolean, message: string): void {
    const since = isStuck ? this.#stuckSince.get(id) ?? performance.now() : undefined
    if (since === undefined) {
      this.#stuckSince.delete(id)
      return
    }
    this.#stuckSince.set(id, since)
    if (performance.now() - since > patienceMs)
      throw new EngineError('exhausted', `The copy does not come up. ${message || 'The operator makes no pod for it.'}`)
  }

  async #holdOn(copy: ClusterView, record: RehearsalRecord): Promise<void> {
    if (record.until.getTime() - Date.now() < abandonedAfterMs / 2)
      await this.#record(copy, { ...record, until: new Date(Date.now() + abandonedAfterMs) })
  }

  async #record(copy: ClusterView, record: RehearsalRecord): Promise<void> {
    await this.#change(copy, { [rehearsalAnnotation]: rehearsalText(record) })
  }

  async #change({ name, namespace, uid }: ClusterView, annotations: Readonly<Record<string, string>>, spec: object = {}): Promise<void> {
    const { api, clusters } = this.#installation
    clusters.note(await api.merge(resources.cluster, { namespace, name }, { metadata: { uid, annotations }, spec }))
  }

  #forget(id: string): void {
    this.#inventories.delete(id)
    this.#comparisons.delete(id)
    this.#stuckSince.delete(id)
  }
}

function connectTo(server: Database): Parameters<typeof takeInventory>[0] {
  return async (database, work) => await server.asSuperuser(database, work, { statementMs })
}

function wait(step: string, reason: string): Progress {
  return { outcome: 'wait', step, afterMs: lookAgainMs, reason }
}
