import type { BackupProof, DatabaseRef, Progress, ProofCheck } from '@howdah/engine'
import type { Choice, Span } from '@howdah/postgres'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { ArchiveName, ReplayEnd } from '../manifests/bootstrap.ts'
import type { ClusterView } from '../views.ts'
import type { ArchiveView } from './archive.ts'
import type { DrillRecord, FirstAnswer } from './drill-record.ts'
import type { TakenBackup } from './taken.ts'
import { EngineError } from '@howdah/engine'
import { checkData, disproofOf, nothingYet, verdictOf, writeCanary } from '@howdah/postgres'
import { ApiError } from '../kubernetes/api.ts'
import { resources } from '../kubernetes/objects.ts'
import { Looks } from '../look.ts'
import { drillManifest } from '../manifests/drill.ts'
import { drillAnnotation, drillLabel, proofAnnotation } from '../names.ts'
import { judge } from '../phase.ts'
import { Trials, wait } from '../trials.ts'
import { firstAnswer, shortfallOf, whyNotRestored } from './restored-server.ts'

const lookAgainMs = 1_000
/** Every row of a large table is one statement. */
const statementMs = 12 * 3_600_000

/** The database whose newest backup is tried, and its archive. */
export interface DrillSource {
  readonly ref: DatabaseRef
  /** Where it is still here. */
  readonly db: Database | undefined
  readonly archive: ArchiveView
  readonly name: ArchiveName
  readonly taken: () => Promise<readonly TakenBackup[]>
  /** Up to where a replay has to get; undefined: nobody of ours sees what is in the archive. */
  readonly endOf?: (span: Span) => ReplayEnd
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
  readonly #looks = new Looks<readonly ProofCheck[]>(lookAgainMs)
  /** Drills of which it was told that the restore itself is over. */
  readonly #restored = new Set<string>()
  readonly #trials: Trials<DrillRecord>

  constructor(installation: Installation) {
    this.#installation = installation
    this.#trials = new Trials(installation, {
      label: drillLabel,
      annotation: drillAnnotation,
      recordOf: ({ drill }) => drill,
      firstStep: 'canary',
      forget: (id) => {
        this.#canaries.delete(id)
        this.#looks.forget(id)
        this.#restored.delete(id)
      },
    })
  }

  /** Move one step towards the drill of this id being over. */
  async step(source: DrillSource, id: string): Promise<Progress> {
    return await this.#trials.step({
      ref: source.ref,
      id,
      verdict: async () => {
        const proof = (await source.taken()).find(backup => backup.proof?.drill === id)?.proof
        return proof && verdictOf(proof)
      },
      begin: async () => await this.#begin(source, id),
      follow: async (db, drill) => drill.answer ? await this.#check(db, drill, drill.answer) : await this.#untilAnswered(source, db, drill),
    })
  }

  /** Remove what drills left that nobody goes on with. */
  async sweep(): Promise<void> {
    await this.#trials.sweep()
  }

  async #begin(source: DrillSource, id: string): Promise<Progress> {
    const { db, name, ref } = source
    const { images, location } = this.#installation
    if ((await source.taken()).length === 0)
      throw new EngineError('invalid', nothingYet)
    const canary = await this.#canary(source, id)
    if (canary && !await source.archive.hasSegment(canary.segment))
      return wait('canary', `Waits until ${canary.segment} is in the archive.`)
    const dataLossMs = canary && Math.round(performance.now() - canary.writtenAtMs)
    const choice = await source.choose()
    if (typeof choice === 'string')
      throw new EngineError('invalid', choice)
    const { backup, span } = choice
    const version = Number.parseInt(backup.serverVersion)
    const image = images.find(({ major }) => major === version)
    if (!image)
      throw new EngineError('unsupported', `PostgreSQL ${version} is not on offer in this location any more, so what was backed up with it cannot be tried.`)
    const bytes = backup.dataBytes ?? undefined
    return await this.#trials.create(id, drillManifest({
      ref,
      archive: name,
      backupID: backup.barmanId,
      end: source.endOf?.(span),
      version,
      like: db && (db.cluster.state.spec ?? db.cluster.delivered),
      bytes: bytes && Math.max(bytes, db?.seen.storageUsedBytes ?? 0),
      application: db && { database: db.main, owner: db.owner },
      ownedBy: db?.uid,
      record: { id, backup: backup.object, begunAt: new Date(), ...this.#trials.kept(), canaryAt: canary?.at, dataLossMs, reaches: canary?.at ?? span.to, answer: undefined },
    }, location, image.image))
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
        return wait('replay', answer)
      await this.#trials.record(cluster, { ...drill, answer })
      return { outcome: 'continue', step: 'replay' }
    }
    if (judge(db.seen).reason === 'RestoreFailed') {
      const detail = await whyNotRestored(this.#installation, db, source.archive)
      await this.#prove(cluster, drill, { isGood: false, message: detail, recoveryTimeMs: null, reachedAt: null, reachedLsn: null, checks: [{ name: 'restore', isGood: false, detail }] })
      return { outcome: 'continue', step: 'fetch' }
    }
    return this.#trials.untilUp(db, drill, instance ? 'replay' : 'fetch')
  }

  async #check(db: Database, drill: DrillRecord, { lsn, recoveryTimeMs, serverVersion }: FirstAnswer): Promise<Progress> {
    const checks: ProofCheck[] = [{ name: 'start', isGood: true, detail: `PostgreSQL ${serverVersion} started and answered.` }]
    try {
      const seen = await this.#looks.at(drill.id, async say => await lookAtAll(db, drill, say))
      if (typeof seen === 'string')
        return wait('check', seen)
      checks.push(...seen.value)
    }
    catch (error) {
      const detail = disproofOf(error)
      if (detail === undefined)
        throw error
      checks.push({ name: 'restore', isGood: false, detail })
    }
    const bad = checks.find(({ isGood }) => !isGood)
    await this.#prove(db.cluster, drill, { recoveryTimeMs, reachedAt: drill.reaches, reachedLsn: lsn, isGood: bad === undefined, message: bad?.detail ?? '', checks })
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
}

interface WrittenCanary extends Awaited<ReturnType<typeof writeCanary>> {
  /** Name of the pod that has it. */
  readonly primary: string
  /** By our own clock, which also says when it was archived. */
  readonly writtenAtMs: number
}

/** Everything that was restored is read, once all of it is there. */
async function lookAtAll(db: Database, { canaryAt, id }: DrillRecord, say: (text: string) => void): Promise<readonly ProofCheck[]> {
  const shortfall = await shortfallOf(db, db.cluster.origin)
  if (shortfall !== undefined)
    return [{ name: 'restore', isGood: false, detail: shortfall }]
  const canary = canaryAt && { drill: id, at: canaryAt }
  return await checkData(async (database, work) => await db.asSuperuser(database, work, { statementMs }), canary, say)
}
