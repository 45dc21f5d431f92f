import type { Delivered } from '@howdah/engine'
import type { DrillRecord } from './backup/drill-record.ts'
import type { ClusterObject, ClusterSpec } from './cluster-object.ts'
import type { Kept } from './in-place/record.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import type { ArchiveName, Origin, ReplayEnd } from './manifests/bootstrap.ts'
import type { State } from './state.ts'
import type { RehearsalRecord } from './upgrade/rehearsal-record.ts'
import { applicationOf, archiveIn } from './cluster-object.ts'
import { deliveredOf } from './delivered.ts'
import { parseKept } from './in-place/record.ts'
import { balancerOf, clusterLabel, drillAnnotation, idLabel, installationLabel, instanceRoleLabel, keptAnnotation, managedBy, managedByLabel, manifestAnnotation, projectLabel, rehearsalAnnotation, replaysToAnnotation, restartAnnotation, restartOrderAnnotation, stateAnnotation, upgradingAnnotation } from './names.ts'
import { amountOf } from './quota.ts'
import { parseState } from './state.ts'
import { parseTrial } from './trial-record.ts'

/** What is kept of a Cluster. */
export interface ClusterView {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Of the database; a Cluster that Git owns has its own uid here. */
  readonly id: string
  readonly project: string | undefined
  readonly isOurs: boolean
  /** The control plane that made it; undefined: it was made before any said so, or by nobody of us. */
  readonly installation: string | undefined
  readonly createdAt: Date
  readonly isDeleting: boolean
  readonly state: State
  readonly manifest: string | undefined
  /** Where its owner says it comes from. */
  readonly source: string | undefined
  /** What it is asked to be, in our words; undefined until its version is known. */
  readonly delivered: Delivered | undefined
  readonly instances: number
  /** Volumes that were made for instances. */
  readonly volumes: number
  /** What one instance takes of a quota, by the names that Kubernetes gives it. */
  readonly needs: Needs
  readonly database: string
  readonly owner: string
  /** Name of the Secret with the password of the owner. */
  readonly ownerSecret: string
  /** What it was made from; undefined where it began empty, or in a way that is not ours. */
  readonly origin: Origin | undefined
  /** Of one that only tries a backup; undefined: it is a database. */
  readonly drill: DrillRecord | undefined
  /** Of one that only tries an upgrade. */
  readonly rehearsal: RehearsalRecord | undefined
  /** What it was before it was restored in place, as long as that can be brought back. */
  readonly kept: Kept | undefined
  /** It may be becoming another major: the ObjectStore knows. */
  readonly isUpgrading: boolean
  /** Where its WAL goes; undefined: nowhere. */
  readonly archive: ArchiveName | undefined
  /** By which the operator takes snapshots of its volumes; undefined: it takes none. */
  readonly snapshotClass: string | undefined
  /** It has a load balancer, and users are given a name outside of the cluster. */
  readonly isExternal: boolean
  /** A gateway leads to it by a name that its certificate has. */
  readonly isRouted: boolean
  readonly isHibernationAsked: boolean
  /** When its servers were told to restart last, as whoever told them wrote it. */
  readonly restartedAt: string | undefined
  /** Which of our orders that was, of one that Git owns. */
  readonly restartOrder: string | undefined
  /** True: the operator never replaces the primary by itself. */
  readonly isSupervised: boolean
  /** Somebody keeps servers of it down. */
  readonly isFenced: boolean
  /** What the servers run, or are about to. */
  readonly image: string
  /** Major version that its files are of; undefined before there are any. */
  readonly dataMajor: number | undefined
  readonly phase: string
  readonly phaseReason: string
  readonly readyInstances: number
  readonly currentPrimary: string
  readonly targetPrimary: string
  readonly conditions: readonly Condition[]
  /** When each certificate ends, by the Secret that holds it. */
  readonly certificates: Readonly<Record<string, string>>
}

export interface Needs {
  readonly pod: Readonly<Record<string, number>>
  readonly volume: Readonly<Record<string, number>>
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

export function clusterView(object: KubeObject): ClusterView {
  const cluster = object as ClusterObject // the operator's documented shape
  const { metadata, spec = {}, status = {} } = cluster
  const { annotations = {}, labels = {} } = metadata
  const isOurs = labels[managedByLabel] === managedBy
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    id: isOurs ? labels[idLabel] ?? '' : metadata.uid ?? '',
    project: labels[projectLabel],
    isOurs,
    installation: labels[installationLabel],
    createdAt: new Date(metadata.creationTimestamp ?? 0),
    isDeleting: metadata.deletionTimestamp !== undefined,
    state: parseState(annotations[stateAnnotation]),
    manifest: annotations[manifestAnnotation],
    delivered: isOurs ? undefined : deliveredOf(cluster),
    source: annotations['argocd.argoproj.io/tracking-id']?.split(':')[0],
    instances: spec.instances ?? 1,
    volumes: status.pvcCount ?? 0,
    needs: needsOf(spec),
    ...applicationOf(spec, metadata.name),
    origin: originOf(spec, annotations[replaysToAnnotation]),
    drill: parseTrial(annotations[drillAnnotation]),
    rehearsal: parseTrial(annotations[rehearsalAnnotation]),
    kept: parseKept(annotations[keptAnnotation]),
    isUpgrading: annotations[upgradingAnnotation] !== undefined,
    archive: archiveIn(spec, metadata.name),
    snapshotClass: spec.backup?.volumeSnapshot?.className,
    isExternal: isOurs && (spec.managed?.services?.additional ?? []).some(({ serviceTemplate }) => serviceTemplate?.metadata?.name === balancerOf(metadata)),
    isRouted: isOurs && !spec.managed?.services?.additional && (spec.certificates?.serverAltDNSNames ?? []).length > 0,
    isHibernationAsked: annotations['cnpg.io/hibernation'] === 'on',
    restartedAt: annotations[restartAnnotation],
    restartOrder: annotations[restartOrderAnnotation],
    isSupervised: spec.primaryUpdateStrategy === 'supervised',
    isFenced: !['[]', undefined].includes(annotations['cnpg.io/fencedInstances']),
    image: status.image ?? '',
    dataMajor: status.pgDataImageInfo?.majorVersion,
    phase: status.phase ?? '',
    phaseReason: status.phaseReason ?? '',
    readyInstances: status.readyInstances ?? 0,
    currentPrimary: status.currentPrimary ?? '',
    targetPrimary: status.targetPrimary ?? '',
    conditions: (status.conditions ?? []).map(({ message = '', reason = '', status: value = '', type = '' }) => ({ type, status: value, reason, message })),
    certificates: status.certificates?.expirations ?? {},
  }
}

function originOf({ bootstrap = {}, externalClusters = [] }: ClusterSpec, end: string | undefined): Origin | undefined {
  const { pg_basebackup: copy, recovery } = bootstrap
  const external = externalClusters.find(({ name }) => name !== undefined && name === (recovery ?? copy)?.source)
  const { barmanObjectName: store, serverName: server } = external?.plugin?.parameters ?? {}
  const host = external?.connectionParameters?.host
  if (recovery && store !== undefined && server !== undefined) {
    const snapshot = recovery.volumeSnapshots?.storage?.name
    return {
      kind: 'archive',
      archive: { store, server },
      target: recovery.recoveryTarget ?? {},
      ...snapshot === undefined ? {} : { snapshot },
      ...end === undefined ? {} : { end: JSON.parse(end) as ReplayEnd }, // our own annotation
    }
  }
  return copy && host !== undefined ? { kind: 'server', name: host.replace(/-rw$/, '') } : undefined
}

function needsOf({ resources = {}, storage }: ClusterSpec): Needs {
  const named = (kind: string, quantities: Readonly<Record<string, string>> = {}): [string, number][] =>
    Object.entries(quantities).map(([name, quantity]) => [`${kind}.${name}`, amountOf(quantity)])
  return {
    pod: { pods: 1, ...Object.fromEntries([...named('requests', resources.requests), ...named('limits', resources.limits)]) },
    volume: { 'persistentvolumeclaims': 1, 'requests.storage': amountOf(storage?.size ?? '0') },
  }
}

/** What is kept of a pod: instances, and the jobs that prepare their volumes. */
export interface PodView {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly cluster: string
  /** Where it runs; empty before it has a place. */
  readonly node: string
  readonly isInstance: boolean
  /** It brings the files of the primary to another major. */
  readonly isUpgrade: boolean
  /** It ended, and not well. */
  readonly hasFailed: boolean
  readonly isPrimary: boolean
  readonly isReady: boolean
  /** Its node says that its server was started, runs, and does not answer. */
  readonly isSilent: boolean
  readonly isDeleting: boolean
  readonly restartedAt: string | undefined
  readonly limits: { readonly cpu: string, readonly memory: string } | undefined
  /** Why it does not run: a reason of the scheduler or of a container, with its sentence. */
  readonly trouble: { readonly reason: string, readonly message: string } | undefined
}

interface PodObject extends KubeObject {
  readonly spec?: { readonly nodeName?: string, readonly containers?: readonly { readonly name: string, readonly resources?: { readonly limits?: { readonly cpu?: string, readonly memory?: string } } }[] }
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly Partial<Condition>[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

interface ContainerStatus {
  readonly name?: string
  readonly ready?: boolean
  readonly started?: boolean
  readonly state?: {
    readonly running?: object
    readonly waiting?: { readonly reason?: string, readonly message?: string }
    readonly terminated?: { readonly reason?: string, readonly message?: string, readonly exitCode?: number }
  }
}

export function podView(object: KubeObject): PodView | undefined {
  const { metadata, spec = {}, status = {} } = object as PodObject // the API's documented shape
  const { annotations = {}, labels = {} } = metadata
  const cluster = labels[clusterLabel]
  if (cluster === undefined)
    return undefined
  const limits = spec.containers?.find(container => container.name === 'postgres')?.resources?.limits
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    cluster,
    node: spec.nodeName ?? '',
    isInstance: labels['cnpg.io/podRole'] === 'instance',
    isUpgrade: labels['cnpg.io/jobRole'] === 'major-upgrade',
    hasFailed: status.phase === 'Failed',
    isPrimary: labels[instanceRoleLabel] === 'primary',
    isReady: status.conditions?.some(({ status: value, type }) => type === 'Ready' && value === 'True') ?? false,
    isSilent: isSilent(status),
    isDeleting: metadata.deletionTimestamp !== undefined,
    restartedAt: annotations[restartAnnotation],
    limits: limits && { cpu: limits.cpu ?? '', memory: limits.memory ?? '' },
    trouble: troubleOf(status),
  }
}

/** Of a node that is away Kubernetes only says that its pods are not ready, not why. */
function isSilent({ conditions = [], containerStatuses = [] }: NonNullable<PodObject['status']>): boolean {
  const server = containerStatuses.find(({ name }) => name === 'postgres')
  return server?.ready === false && server.started === true && server.state?.running !== undefined
    && conditions.some(({ reason, status, type }) => type === 'Ready' && status === 'False' && reason === 'ContainersNotReady')
}

function troubleOf(status: NonNullable<PodObject['status']>): PodView['trouble'] {
  const unscheduled = status.conditions?.find(({ status: value, type }) => type === 'PodScheduled' && value === 'False')
  if (unscheduled)
    return { reason: unscheduled.reason ?? 'Unschedulable', message: unscheduled.message ?? '' }
  const usual = new Set(['ContainerCreating', 'PodInitializing', 'Completed'])
  for (const { state } of [...status.initContainerStatuses ?? [], ...status.containerStatuses ?? []]) {
    const stuck = state?.waiting ?? state?.terminated
    if (stuck?.reason !== undefined && !usual.has(stuck.reason))
      return { reason: stuck.reason, message: stuck.message ?? '' }
  }
  return undefined
}
