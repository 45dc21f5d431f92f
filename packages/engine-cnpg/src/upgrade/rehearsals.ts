import type { Progress, UpgradeOrder, UpgradeReport } from '@howdah/engine'
import type { Database } from '../database.ts'
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
import { archiveSoFar } from '../backup/running.ts'
import { imageFor } from '../image-for.ts'
import { Looks } from '../look.ts'
import { ownArchive } from '../manifests/bootstrap.ts'
import { imageIn } from '../manifests/cluster.ts'
import { rehearsalManifest } from '../manifests/rehearsal.ts'
import { rehearsalAnnotation, rehearsalLabel, stateAnnotation } from '../names.ts'
import { judge } from '../phase.ts'
import { Trials, wait } from '../trials.ts'
import { compareWith, takeInventory } from './inventory.ts'
import { readReport, writeReport } from './report.ts'
import { runningMajor } from './running-major.ts'
import { whyNotUpgraded } from './upgrade-job.ts'
import { secureWayBack } from './way-back.ts'

const lookAgainMs = 1_000
/** Every row of a large table is one statement. */
const statementMs = 12 * 3_600_000

type Order = Pick<UpgradeOrder, 'id' | 'version'>

/**
 * Upgrades a copy, made from the archive beside the original, as the original would be: by the operator, with pg_upgrade. How far that is
 * stands in the Cluster of the copy, and what was found beside the archive.
 */
export class Rehearsals {
  readonly #installation: BackedInstallation
  readonly #inventories = new Looks<Inventory>(lookAgainMs)
  readonly #comparisons = new Looks<Comparison>(lookAgainMs)
  readonly #trials: Trials<RehearsalRecord>

  constructor(installation: BackedInstallation) {
    this.#installation = installation
    this.#trials = new Trials(installation, {
      label: rehearsalLabel,
      annotation: rehearsalAnnotation,
      recordOf: ({ rehearsal }) => rehearsal,
      firstStep: 'copy',
      forget: (id) => {
        this.#inventories.forget(id)
        this.#comparisons.forget(id)
      },
    })
  }

  /** Move one step towards the rehearsal of this id being over. */
  async step(db: Database, order: Order): Promise<Progress> {
    return await this.#trials.step({
      ref: db.ref,
      id: order.id,
      verdict: async () => {
        const report = await readReport(this.#installation, db.ref)
        return report?.id === order.id ? rehearsalVerdict(report) : undefined
      },
      begin: async () => await this.#begin(db, order),
      follow: async (server, record) => {
        if (!record.before)
          return await this.#count(db, server, record)
        if (!record.stoppedAt)
          return await this.#stop(server.cluster, { ...record, stoppedAt: new Date() })
        return record.answeredAt ? await this.#compare(db, server, record, record.before) : await this.#untilUpgraded(db, server, record, record.before)
      },
    })
  }

  /** Remove copies that nobody goes on with. */
  async sweep(): Promise<void> {
    await this.#trials.sweep()
  }

  async #begin(db: Database, { id, version }: Order): Promise<Progress> {
    const unsecured = await secureWayBack(this.#installation, db, id)
    if (unsecured)
      return unsecured
    const sealing = await archiveSoFar(db, archiveOfNow(this.#installation.bucket, db), id)
    if (!sealing)
      throw new EngineError('unavailable', 'Its server does not answer now.')
    if (!sealing.isArchived)
      return wait('copy', 'What was written last is not in the archive yet.')
    return await this.#trials.create(id, await this.#manifestOf(db, { id, version, begunAt: new Date(), ...this.#trials.kept() }))
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

  async #count(db: Database, server: Database, record: RehearsalRecord): Promise<Progress> {
    if (!server.seen.pods.some(pod => pod.isInstance && pod.isReady)) {
      return judge(server.seen).reason === 'RestoreFailed'
        ? await this.#found(db, record, { name: 'copy', detail: await whyNotRestored(this.#installation, server, archiveOfNow(this.#installation.bucket, db)) })
        : this.#trials.untilUp(server, record, 'copy')
    }
    const before = await this.#inventories.at(record.id, async say => await takeInventory(connectTo(server), say))
    if (typeof before === 'string')
      return wait('replay', before)
    await this.#trials.record(server.cluster, { ...record, before: before.value })
    return { outcome: 'continue', step: 'replay' }
  }

  /** The operator stops the server, and has pg_upgrade bring its files over. */
  async #stop(copy: ClusterView, record: RehearsalRecord): Promise<Progress> {
    const { images, location } = this.#installation
    await this.#trials.record(copy, record, { spec: imageIn(location, record.version, imageFor(images, record.version).image) })
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
      await this.#trials.record(cluster, { ...record, answeredAt: new Date() }, {
        annotations: { [stateAnnotation]: JSON.stringify({ ...cluster.state, spec: spec && { ...spec, version: record.version } }) },
      })
      return { outcome: 'continue', step: 'transfer' }
    }
    return this.#trials.untilUp(server, record, 'transfer')
  }

  async #compare(db: Database, server: Database, record: RehearsalRecord, before: Inventory): Promise<Progress> {
    const seen = await this.#comparisons.at(record.id, async say => await compareWith(before, connectTo(server), say))
    if (typeof seen === 'string')
      return wait('verify', seen)
    const after = seen.value
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
}

function connectTo(server: Database): Parameters<typeof takeInventory>[0] {
  return async (database, work) => await server.asSuperuser(database, work, { statementMs })
}
