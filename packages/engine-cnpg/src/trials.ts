import type { DatabaseRef, Progress } from '@howdah/engine'
import type { Installation } from './installation.ts'
import type { ClusterManifest } from './manifests/cluster.ts'
import type { TrialRecord } from './trial-record.ts'
import type { ClusterView } from './views.ts'
import { EngineError } from '@howdah/engine'
import { holdToQuota } from './backup/room.ts'
import { Database } from './database.ts'
import { ApiError } from './kubernetes/api.ts'
import { resources } from './kubernetes/objects.ts'
import { isAnothers } from './namespaces.ts'
import { Patience } from './patience.ts'
import { judge } from './phase.ts'
import { areTrialsGone, removeTrials, trialsOf } from './trial-clusters.ts'
import { trialText } from './trial-record.ts'

const lookAgainMs = 1_000
/** The Cluster of a trial is kept for so long after somebody last asked how far it is. */
const abandonedAfterMs = 30 * 60_000
/** What keeps a pod from starting may pass: a node is added, or a store comes back. */
const patienceMs = 10 * 60_000

/** What is tried, and where that stands on a Cluster. */
export interface TrialKind<R extends TrialRecord> {
  /** On the Cluster: of which database. */
  readonly label: string
  /** On it too: how far it is. */
  readonly annotation: string
  readonly recordOf: (cluster: ClusterView) => R | undefined
  /** As its steps are called, of which the last one is `remove`. */
  readonly firstStep: string
  /** What this process knows of the trial of this id is of no use any more. */
  readonly forget: (id: string) => void
}

/** One trial of a database. */
export interface Trial<R extends TrialRecord> {
  readonly ref: DatabaseRef
  readonly id: string
  /** What it came to; undefined: it is not over. */
  readonly verdict: () => Promise<Progress | undefined>
  readonly begin: () => Promise<Progress>
  /** `server`: that of the Cluster in which it is tried. */
  readonly follow: (server: Database, record: R) => Promise<Progress>
}

/**
 * Tries something of a database in a Cluster beside it, which begins from the archive and is removed afterwards. How far that is stands in
 * that Cluster, and what it came to elsewhere; a process only knows what it has begun itself.
 */
export class Trials<R extends TrialRecord> {
  readonly #installation: Installation
  readonly #kind: TrialKind<R>
  readonly #patience = new Patience(patienceMs)

  constructor(installation: Installation, kind: TrialKind<R>) {
    this.#installation = installation
    this.#kind = kind
  }

  /** Move one step towards the trial being over. */
  async step({ begin, follow, id, ref, verdict }: Trial<R>): Promise<Progress> {
    const { firstStep, label, recordOf } = this.#kind
    // Clusters first: one goes only after the verdict is there.
    const [clusters, ending] = [await trialsOf(this.#installation, ref, label), await verdict()]
    const removing = wait(ending ? 'remove' : firstStep, 'What was restored is being removed.')
    // Of one database one at a time is under way, so another one was given up.
    const over = clusters.filter(cluster => ending !== undefined || cluster.isDeleting || recordOf(cluster)?.id !== id)
    if (over.length > 0) {
      await removeTrials(this.#installation, over)
      return removing
    }
    if (ending) {
      this.#forget(id)
      return await areTrialsGone(this.#installation, ref, label) ? ending : removing
    }
    const [cluster] = clusters
    const record = cluster && recordOf(cluster)
    try {
      if (!cluster || !record)
        return await begin()
      return await follow(new Database(this.#installation, cluster, ref.project, () => {}), await this.#held(cluster, record))
    }
    catch (error) {
      if (error instanceof EngineError && error.code !== 'unavailable') {
        this.#forget(id)
        await removeTrials(this.#installation, await trialsOf(this.#installation, ref, label))
      }
      throw error
    }
  }

  /** Remove what nobody goes on with: its control plane is gone, or it was called off. */
  async sweep(): Promise<void> {
    const now = new Date()
    await removeTrials(this.#installation, this.#installation.clusters.values().filter((cluster) => {
      const record = this.#kind.recordOf(cluster)
      return record !== undefined && record.until < now && !isAnothers(this.#installation.location, cluster.installation)
    }))
  }

  /** In a record: for how long its Cluster is kept from now on. */
  kept(): Pick<TrialRecord, 'until'> {
    return { until: new Date(Date.now() + abandonedAfterMs) }
  }

  /** Make the Cluster of the trial of this id. */
  async create(id: string, manifest: ClusterManifest): Promise<Progress> {
    const { api, clusters } = this.#installation
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
    return { outcome: 'continue', step: this.#kind.firstStep }
  }

  /** Say how far it is, and change its Cluster with that. */
  async record({ name, namespace, uid }: ClusterView, record: R, { annotations = {}, spec = {} }: { readonly annotations?: Readonly<Record<string, string>>, readonly spec?: object } = {}): Promise<void> {
    const { api, clusters } = this.#installation
    clusters.note(await api.merge(resources.cluster, { namespace, name }, { metadata: { uid, annotations: { ...annotations, [this.#kind.annotation]: trialText(record) } }, spec }))
  }

  /** Its server is not ready. Throws when something has kept it from that for too long. */
  untilUp({ seen }: Database, { id }: R, step: string): Progress {
    const { message, reason } = judge(seen)
    if (this.#patience.isOver(id, seen.pods.length === 0 || (reason !== '' && reason !== 'RestoreFailing')))
      throw new EngineError('exhausted', `The restored server does not come up. ${message || 'The operator makes no pod for it.'}`)
    return wait(step, message || `The operator says: ${seen.cluster.phase || 'nothing yet'}.`)
  }

  /** Whoever asks goes on with it. */
  async #held(cluster: ClusterView, record: R): Promise<R> {
    if (record.until.getTime() - Date.now() > abandonedAfterMs / 2)
      return record
    const held = { ...record, ...this.kept() }
    await this.record(cluster, held)
    return held
  }

  #forget(id: string): void {
    this.#patience.forget(id)
    this.#kind.forget(id)
  }
}

export function wait(step: string, reason: string): Progress {
  return { outcome: 'wait', step, afterMs: lookAgainMs, reason }
}
