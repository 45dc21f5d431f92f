import type { DatabaseSpec, Progress } from '@howdah/engine'
import type { Catalogue } from '@howdah/postgres'
import type { ClusterObject } from './cluster-object.ts'
import type { Database } from './database.ts'
import type { Reality, Step } from './difference.ts'
import type { Installation } from './installation.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import type { Location } from './location.ts'
import type { ArchiveName, Origin } from './manifests/bootstrap.ts'
import type { ClusterManifest } from './manifests/cluster.ts'
import { EngineError } from '@howdah/engine'
import { applyExtensions, maintenanceDatabase, quoteIdentifier, quoteLiteral, scramVerifier } from '@howdah/postgres'
import { Archive } from './backup/archive.ts'
import { endArchive } from './backup/end-archive.ts'
import { damagedPage } from './backup/page-check.ts'
import { shortfallOf, whyNotRestored } from './backup/restored-server.ts'
import { configureServer, inherit } from './configure.ts'
import { reasonsToRestart, stepsTo } from './difference.ts'
import { askForMore, notYetGrown, refusalToGrow } from './growth.ts'
import { readInPlace } from './in-place/record.ts'
import { resources } from './kubernetes/objects.ts'
import { proveLogin } from './login.ts'
import { ownArchive } from './manifests/bootstrap.ts'
import { clusterManifest } from './manifests/cluster.ts'
import { bucketSecretManifest, objectStoreManifest } from './manifests/object-store.ts'
import { bucketSecret, idLabel, installationLabel, manifestAnnotation, namespaceOf, restartAnnotation, settingsParameter } from './names.ts'
import { anothers, ensureNamespace, isAnothers } from './namespaces.ts'
import { applyOwnerSecret, ensureMonitorPassword, isOwnerSecretSame } from './owner-secret.ts'
import { isHealthy, judge } from './phase.ts'
import { applyProjectObjects } from './project-objects.ts'
import { isLeaving, keptVolumes, readRemains } from './remains.ts'
import { applyRoute, isRouteSame, routeComplaint } from './route.ts'
import { appliedSpec } from './state.ts'
import { isSubset } from './subset.ts'
import { readSecret } from './target.ts'
import { clusterView } from './views.ts'

const lookAgainMs = 500
/** Reasons that nobody waits for. */
const hopeless = new Set(['ImageUnavailable', 'NotInCatalogue', 'Unrecoverable', 'RestoreFailed'])

/** Everything that a move needs. */
export interface Move {
  readonly installation: Installation
  readonly spec: DatabaseSpec
  readonly catalogue: Catalogue
  readonly image: string
  readonly manifest: ClusterManifest
  readonly reality: Reality
  readonly origin: Origin | undefined
  /** Into which it archives, where the location keeps any. */
  readonly archive: ArchiveName
  /** Nobody is let in before it is known that nothing is missing. */
  readonly isShut: boolean
  /** Undefined before the Cluster is there. */
  readonly db: Database | undefined
}

/** What is there of the spec, and what it should be. */
export async function lookAt(installation: Installation, spec: DatabaseSpec, place: {
  readonly db: Database | undefined
  readonly catalogue: Catalogue
  readonly image: string
  /** What it is made from, where it is not there yet. */
  readonly origin?: Origin
}): Promise<Move> {
  const { catalogue, db, image } = place
  const cluster = db?.cluster
  const [live, isPasswordSame, isArchiveApplied] = await Promise.all([
    installation.api.get<ClusterObject>(resources.cluster, { namespace: namespaceOf(installation.location, spec.project), name: spec.name }),
    isOwnerSecretSame(installation, spec),
    isArchiveSame(installation, spec),
  ])
  refuseForeign(live, spec, installation.location)
  // Decided once: what it is made from stands in the Cluster from its first moment.
  const origin = live ? clusterView(live).origin : place.origin
  const archive = (live && clusterView(live).archive) ?? await recordedArchive(installation, spec)
  const isShut = origin?.kind === 'archive' && origin.end !== undefined && !cluster?.state.isReplayed && !cluster?.state.isConfigured
  // Something that is being made runs until its owner could log in; only then it sleeps.
  const wanted = cluster?.state.isProven ? spec : { ...spec, hibernated: false, ...isShut ? { allowedCidrs: [] } : {} }
  const manifest = clusterManifest(wanted, installation.location, image, origin, archive)
  const isApplied = live !== undefined && isSubset(manifest, live) && isArchiveApplied && await isRouteSame(installation, spec, live)
  return {
    installation,
    spec,
    catalogue,
    image,
    manifest,
    db,
    origin,
    archive,
    isShut,
    reality: {
      cluster,
      manifest: manifest.metadata.annotations[manifestAnnotation] ?? '',
      isApplied,
      isPasswordSame,
      isLoginProven: db?.isLoginProven ?? false,
      isHibernated: cluster !== undefined && judge({ cluster, pods: [], quotas: [], answers: false, complaint: '', lag: undefined, storageUsedBytes: undefined, isBalancerPending: false, problem: undefined, now: new Date() }).phase === 'hibernated',
      beginsToArchive: cluster !== undefined && !cluster.archive && installation.location.backups !== undefined,
      isProbedOtherwise: live !== undefined && !isSubset(manifest.spec.probes, live.spec?.probes),
      isStarted: db !== undefined && isApplied && !isShut && !db.cluster.state.isConfigured && await notYet({ manifest, spec }, db) === undefined,
    },
  }
}

export function nextSteps({ catalogue, reality, spec }: Move): Step[] {
  return stepsTo(spec, reality, catalogue)
}

const moves: Record<Step, (move: Move) => Promise<Progress | undefined>> = {
  claim: async (move) => {
    await ensureNamespace(move.installation, move.spec.project)
    const { pods, volumes } = await readRemains(move.installation, move.spec)
    // They have the names that the new one needs. Where that is there already, they are its own.
    const leaving = move.db ? 0 : [...pods, ...volumes].filter(isLeaving).length
    if (leaving > 0)
      return waitFor(move, 'claim', `${leaving} pods and volumes of the Cluster that was there before are being removed.`)
    const kept = move.db ? [] : await keptVolumes(move.installation, move.spec)
    if (kept.length > 0)
      throw new EngineError('conflict', `Volumes of an earlier database named "${move.spec.name}" were kept here (${kept.join(', ')}), and what is in them would be in the new one. Choose another name, or delete them.`)
    await Promise.all([
      applyProjectObjects(move.installation, move.spec.project),
      ensureMonitorPassword(move.installation, move.spec),
      move.reality.isPasswordSame ? undefined : applyOwnerSecret(move.installation, move.spec, await scramVerifier(move.spec.owner.password)),
    ])
    await applyCluster(move)
    return undefined
  },

  start: async (move) => {
    await applyCluster(move)
    const db = made(move)
    const waiting = await notYet(move, db)
    if (waiting)
      return db.cluster.state.shortfall === '' ? await explained(move, waitFor(move, 'start', waiting)) : notReplayed(db.cluster.state.shortfall)
    if (move.origin?.kind === 'archive' && !db.cluster.state.isConfigured && !db.cluster.state.isReplayed) {
      const damage = await damagedPage(move.installation, db, move.spec.version)
      if (damage === undefined)
        return waitFor(move, 'start', 'Every page of what was restored is being read.')
      if (damage !== '') {
        const shortfall = `Its base backup is damaged: ${damage}.`
        await db.record({ shortfall })
        return notReplayed(shortfall)
      }
    }
    if (move.isShut) {
      const shortfall = await shortfallOf(db, move.origin)
      await db.record({ isReplayed: shortfall === undefined, shortfall: shortfall ?? '' })
      return shortfall === undefined ? { outcome: 'continue', step: 'start' } : notReplayed(shortfall)
    }
    if (made(move).cluster.state.isProven)
      await recordManifest(move)
    return undefined
  },

  configure: async (move) => {
    const db = made(move)
    await configureServer(db, move.spec.version, await ensureMonitorPassword(move.installation, move.spec))
    const extensions = move.origin ? await inherit(db, move.catalogue) : []
    await db.record({ isConfigured: true, extensions, manifest: move.reality.manifest, spec: appliedSpec({ ...move.spec, hibernated: false }), restartToken: move.spec.restartToken })
    return undefined
  },

  credentials: async (move) => {
    const db = made(move)
    const verifier = await scramVerifier(move.spec.owner.password)
    db.isLoginProven = false
    // First in the server, which is at once, then in the Secret, from which the operator sets it again: never both at the same time.
    await db.asSuperuser(maintenanceDatabase, async session =>
      await session.query(`alter role ${quoteIdentifier(move.spec.owner.user)} password ${quoteLiteral(verifier)}`))
    await applyOwnerSecret(move.installation, move.spec, verifier)
    return undefined
  },

  restart: async move => await change(move, 'restart'),
  scale: async move => await change(move, 'scale'),
  reload: async move => await change(move, 'reload'),
  resize: async move => await change(move, 'resize'),
  apply: async move => await change(move, 'apply'),

  extensions: async (move) => {
    const db = made(move)
    const before = db.cluster.state.extensions
    const { extensions } = move.spec
    try {
      await applyExtensions(db, move.catalogue, {
        on: extensions.filter(name => !before.includes(name)),
        off: before.filter(name => !extensions.includes(name)),
      })
    }
    catch (error) {
      if (error instanceof EngineError && error.code === 'invalid')
        return { outcome: 'failed', step: 'extensions', reason: 'ExtensionRefused', message: error.message, nextStep: 'Remove what depends on the extension, or leave it on.' }
      throw error
    }
    await db.record({ extensions })
    return undefined
  },

  login: async (move) => {
    const db = made(move)
    const outcome = await proveLogin(db, move.spec.owner, move.spec.database)
    switch (outcome.kind) {
      case 'answered':
        db.provenVersion = outcome.serverVersion
        db.isLoginProven = true
        db.follow()
        // What is told of it from now on comes from there, replicas among it.
        if (!db.monitor.vitals)
          return { outcome: 'wait', step: 'login', afterMs: 50, reason: 'The monitoring is not answered yet.' }
        if (!db.cluster.state.isProven)
          await db.record({ isProven: true, ...move.spec.hibernated ? {} : { generation: move.spec.generation } })
        return undefined
      case 'wrong-password':
        await moves.credentials(move)
        return { outcome: 'continue', step: 'credentials' }
      case 'not-now':
        return { outcome: 'wait', step: 'login', afterMs: lookAgainMs, reason: await routeComplaint(move.installation, move.spec) ?? outcome.reason }
      case 'refused':
        return { outcome: 'failed', step: 'login', reason: 'LoginRefused', message: `The server refuses the owner: ${outcome.message}.`, nextStep: 'Undo the change that shut the owner out, then try again.' }
    }
  },

  stop: async (move) => {
    const db = made(move)
    if (!db.cluster.isHibernationAsked && !await endArchive(move.installation, db))
      return waitFor(move, 'stop', 'What was written last is on its way into the archive.')
    await applyCluster({ ...move, manifest: clusterManifest(move.spec, move.installation.location, move.image, move.origin, move.archive) })
    if (!move.reality.isHibernated)
      return waitFor(move, 'stop', 'The servers are being stopped.')
    await db.record({ spec: appliedSpec(move.spec), restartToken: move.spec.restartToken })
    return undefined
  },
}

/** Make the next step towards the spec. */
export async function advance(move: Move): Promise<Progress> {
  const [step, ...rest] = nextSteps(move)
  if (step === undefined)
    return await finish(move)
  const progress = await moves[step](move)
  return progress ?? (rest.length === 0 && step !== 'stop' ? await finish(move) : { outcome: 'continue', step })
}

/** Apply the manifest, then wait until the servers run with it. */
async function change(move: Move, step: Step): Promise<Progress | undefined> {
  const db = made(move)
  const { installation: { api }, spec: { storageGib } } = move
  const refused = await refusalToGrow(api, db, storageGib)
  if (refused !== undefined)
    return { outcome: 'failed', step, reason: 'StorageCannotGrow', message: refused, nextStep: 'Ask for the size that it has; a larger one is had by restoring it as a new database.' }
  await applyCluster(move)
  if (judge(db.seen).reason === 'StorageFull')
    await askForMore(api, db, storageGib)
  // A volume that is full keeps servers from being ready, and this is what is done about it.
  const waiting = await notYetGrown(api, db, storageGib) ?? await notYet(move, db)
  if (waiting)
    return waitFor(move, step, waiting)
  await recordManifest(move)
  return undefined
}

async function recordManifest(move: Move): Promise<void> {
  await made(move).record({ manifest: move.reality.manifest, spec: appliedSpec(move.spec), restartToken: move.spec.restartToken })
}

async function finish({ db, spec }: Move): Promise<Progress> {
  const state = db?.cluster.state
  if (db && (state?.generation !== spec.generation || state.restartToken !== spec.restartToken))
    await db.record({ generation: spec.generation, restartToken: spec.restartToken })
  return { outcome: 'done' }
}

async function applyCluster({ installation, manifest, reality, spec }: Move): Promise<void> {
  if (reality.isApplied && reality.cluster?.manifest === manifest.metadata.annotations[manifestAnnotation])
    return
  const { api, bucket, clusters } = installation
  if (bucket) {
    const { namespace } = manifest.metadata
    await api.apply(resources.secret, bucketSecretManifest(namespace, bucket.settings))
    await api.apply(resources.objectStore, objectStoreManifest(spec, namespace, bucket.settings))
  }
  const cluster = await api.apply(resources.cluster, manifest)
  clusters.note(cluster)
  await applyRoute(installation, spec, cluster)
}

/** A location may have kept no backups for a while. */
async function recordedArchive(installation: Installation, spec: DatabaseSpec): Promise<ArchiveName> {
  return ownArchive(spec.id, installation.bucket && (await readInPlace(installation, spec))?.record.server)
}

/** Whether what leads the servers to their archive is there: it may have been deleted, and the keys of the bucket changed. */
async function isArchiveSame({ api, bucket, location }: Installation, spec: DatabaseSpec): Promise<boolean> {
  if (!bucket)
    return true
  const namespace = namespaceOf(location, spec.project)
  const store = objectStoreManifest(spec, namespace, bucket.settings)
  const [secret, live] = await Promise.all([
    readSecret(api, namespace, bucketSecret),
    api.get(resources.objectStore, { namespace, name: store.metadata.name }),
  ])
  return isSubset(bucketSecretManifest(namespace, bucket.settings).stringData, secret) && isSubset(store, live)
}

/** Why the servers do not run with the manifest yet; undefined when all of them do. */
async function notYet({ manifest, spec }: Pick<Move, 'manifest' | 'spec'>, db: Database): Promise<string | undefined> {
  const { cluster, pods } = db.seen
  const instances = pods.filter(pod => pod.isInstance)
  const { limits } = manifest.spec.resources
  const token = manifest.metadata.annotations[restartAnnotation]
  const outdated = instances.filter(pod => pod.isDeleting || pod.limits?.cpu !== limits.cpu || pod.limits.memory !== limits.memory || (token !== undefined && pod.restartedAt !== token))
  if (outdated.length > 0)
    return `${outdated.map(({ name }) => name).join(', ')} has yet to be replaced.`
  const ready = instances.filter(pod => pod.isReady)
  if (ready.length !== spec.instances)
    return `${ready.length} of ${spec.instances} instances are ready. ${judge(db.seen).message}`
  if (!isHealthy(cluster))
    return `The operator says: ${cluster.phase}. ${cluster.phaseReason}`
  try {
    const [row] = await db.asSuperuser(maintenanceDatabase, async session => await session.query<{ digest: string | null, pending: string[] | null, following: number }>(`
      select current_setting('${settingsParameter}', true) as digest, array_agg(name) filter (where pending_restart) as pending,
        (select count(*)::int from pg_catalog.pg_stat_replication where state = 'streaming') as following from pg_catalog.pg_settings`))
    if ((row?.following ?? 0) < spec.instances - 1)
      return `${row?.following} of ${spec.instances - 1} replicas follow the primary.`
    if (row?.digest !== manifest.spec.postgresql.parameters[settingsParameter])
      return 'The server has yet to read its new settings.'
    return row?.pending ? `The server has yet to restart for ${row.pending.join(', ')}.` : undefined
  }
  catch (error) {
    if (error instanceof EngineError && error.code === 'unavailable')
      return error.message
    throw error
  }
}

function notReplayed(message: string): Progress {
  return { outcome: 'failed', step: 'start', reason: 'RestoreFailed', message, nextStep: 'Delete it, and restore again if the archive was away for a moment. Otherwise restore to a moment before that, or to one after a later backup.' }
}

/** What cannot be restored, with why: the pod that tried says so in its log. */
async function explained({ db, installation, spec }: Move, progress: Progress): Promise<Progress> {
  return db && installation.bucket && progress.outcome === 'failed' && progress.reason === 'RestoreFailed'
    ? { ...progress, message: await whyNotRestored(installation, db, new Archive(installation.bucket, spec.id)) }
    : progress
}

export function waitFor({ db }: Pick<Move, 'db'>, step: Step, reason: string): Progress {
  const judged = db && judge(db.seen)
  if (judged && hopeless.has(judged.reason))
    return { outcome: 'failed', step, reason: judged.reason, message: judged.message, nextStep: 'Put right what it says in the cluster, then try again.' }
  return { outcome: 'wait', step, afterMs: lookAgainMs, reason: reason.trim() }
}

function made({ db }: Move): Database {
  if (!db)
    throw new EngineError('unavailable', 'The database is still being made.')
  return db
}

function refuseForeign(live: KubeObject | undefined, spec: DatabaseSpec, location: Location): void {
  const owner = live?.metadata.labels?.[installationLabel]
  if (isAnothers(location, owner))
    throw anothers(location, namespaceOf(location, spec.project), owner)
  if (live && live.metadata.labels?.[idLabel] !== spec.id) {
    throw new EngineError('conflict', live.metadata.deletionTimestamp === undefined
      ? `A Cluster named "${spec.name}" is in the project's namespace already, and it is not this database.`
      : `An earlier database named "${spec.name}" is still being removed; try again in a moment.`)
  }
}

export function interruptionOf(steps: readonly Step[], { catalogue, reality, spec }: Move): { interruption: 'none' | 'reload' | 'restart', reasons: string[] } {
  const { cluster } = reality
  if (!cluster?.state.isProven)
    return { interruption: 'none', reasons: [] }
  if (steps.includes('stop'))
    return { interruption: 'restart', reasons: ['The server stops and connections end until it is resumed.'] }
  if (steps.includes('restart'))
    return { interruption: 'restart', reasons: reasonsToRestart(spec, reality, catalogue) }
  return { interruption: steps.includes('reload') ? 'reload' : 'none', reasons: [] }
}
