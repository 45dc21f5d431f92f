import type { Delivered } from '@howdah/engine'
import type { KubeObject } from './kubernetes/objects.ts'
import type { ArchiveName, Origin, RecoveryTarget } from './manifests/bootstrap.ts'
import type { State } from './state.ts'
import { backupPlugin, clusterLabel, idLabel, instanceRoleLabel, managedBy, managedByLabel, manifestAnnotation, projectLabel, restartAnnotation, restartOrderAnnotation, stateAnnotation } from './names.ts'
import { amountOf } from './quota.ts'
import { parseState } from './state.ts'

/** What is kept of a Cluster. */
export interface ClusterView {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Of the database; a Cluster that Git owns has its own uid here. */
  readonly id: string
  readonly project: string | undefined
  readonly isOurs: boolean
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
  /** Where its WAL goes; undefined: nowhere. */
  readonly archive: ArchiveName | undefined
  readonly isHibernationAsked: boolean
  /** When its servers were told to restart last, as whoever told them wrote it. */
  readonly restartedAt: string | undefined
  /** Which of our orders that was, of one that Git owns. */
  readonly restartOrder: string | undefined
  /** True: the operator never replaces the primary by itself. */
  readonly isSupervised: boolean
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

interface Application {
  readonly database?: string
  readonly owner?: string
  readonly secret?: { readonly name?: string }
}

interface ExternalCluster {
  readonly name?: string
  readonly connectionParameters?: { readonly host?: string }
  readonly plugin?: { readonly parameters?: BarmanParameters }
}

interface BarmanParameters {
  readonly barmanObjectName?: string
  readonly serverName?: string
}

interface ClusterObject extends KubeObject {
  readonly spec?: {
    readonly instances?: number
    readonly imageName?: string
    readonly primaryUpdateStrategy?: string
    readonly postgresql?: { readonly parameters?: Readonly<Record<string, string>>, readonly synchronous?: object }
    readonly storage?: { readonly size?: string }
    readonly resources?: { readonly requests?: Readonly<Record<string, string>>, readonly limits?: Readonly<Record<string, string>> }
    readonly bootstrap?: {
      readonly initdb?: Application
      readonly recovery?: Application & { readonly source?: string, readonly recoveryTarget?: RecoveryTarget }
      readonly pg_basebackup?: Application & { readonly source?: string }
    }
    readonly externalClusters?: readonly ExternalCluster[]
    readonly enableSuperuserAccess?: boolean
    readonly plugins?: readonly { readonly name?: string, readonly enabled?: boolean, readonly isWALArchiver?: boolean, readonly parameters?: BarmanParameters }[]
  }
  readonly status?: {
    readonly image?: string
    readonly phase?: string
    readonly phaseReason?: string
    readonly readyInstances?: number
    readonly pvcCount?: number
    readonly currentPrimary?: string
    readonly targetPrimary?: string
    readonly certificates?: { readonly expirations?: Readonly<Record<string, string>> }
    readonly conditions?: readonly Partial<Condition>[]
  }
}

export function clusterView(object: KubeObject): ClusterView {
  const { metadata, spec = {}, status = {} } = object as ClusterObject // the operator's documented shape
  const { annotations = {}, labels = {} } = metadata
  const isOurs = labels[managedByLabel] === managedBy
  const { bootstrap = {} } = spec
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    id: isOurs ? labels[idLabel] ?? '' : metadata.uid ?? '',
    project: labels[projectLabel],
    isOurs,
    createdAt: new Date(metadata.creationTimestamp ?? 0),
    isDeleting: metadata.deletionTimestamp !== undefined,
    state: parseState(annotations[stateAnnotation]),
    manifest: annotations[manifestAnnotation],
    delivered: isOurs ? undefined : deliveredOf(spec, status.image ?? spec.imageName),
    source: annotations['argocd.argoproj.io/tracking-id']?.split(':')[0],
    instances: spec.instances ?? 1,
    volumes: status.pvcCount ?? 0,
    needs: needsOf(spec),
    ...applicationOf(bootstrap),
    ownerSecret: bootstrapped(bootstrap).secret?.name ?? `${metadata.name}-app`,
    origin: originOf(spec),
    archive: archiveIn(spec, metadata.name),
    isHibernationAsked: annotations['cnpg.io/hibernation'] === 'on',
    restartedAt: annotations[restartAnnotation],
    restartOrder: annotations[restartOrderAnnotation],
    isSupervised: spec.primaryUpdateStrategy === 'supervised',
    phase: status.phase ?? '',
    phaseReason: status.phaseReason ?? '',
    readyInstances: status.readyInstances ?? 0,
    currentPrimary: status.currentPrimary ?? '',
    targetPrimary: status.targetPrimary ?? '',
    conditions: (status.conditions ?? []).map(({ message = '', reason = '', status: value = '', type = '' }) => ({ type, status: value, reason, message })),
    certificates: status.certificates?.expirations ?? {},
  }
}

type BootstrapObject = NonNullable<ClusterObject['spec']>['bootstrap']

/** With the operator's own defaults. */
function applicationOf(bootstrap: BootstrapObject): { readonly database: string, readonly owner: string } {
  const { database = 'app', owner = database } = bootstrapped(bootstrap)
  return { database, owner }
}

function bootstrapped({ initdb, pg_basebackup: copy, recovery }: NonNullable<BootstrapObject> = {}): Application {
  return initdb ?? recovery ?? copy ?? {}
}

function deliveredOf(spec: NonNullable<ClusterObject['spec']>, image = ''): Delivered | undefined {
  const { bootstrap, instances = 1, postgresql = {}, resources = {}, storage } = spec
  // A registry may have a port, and an image a digest.
  const [, tag = ''] = image.split('@')[0]?.split('/').at(-1)?.split(':') ?? []
  const version = Number.parseInt(tag)
  if (Number.isNaN(version))
    return undefined
  const limits = { ...resources.requests, ...resources.limits }
  return {
    version,
    instances,
    storageGib: Math.ceil(amountOf(storage?.size ?? '0') / 2 ** 30) || 1,
    cpu: amountOf(limits.cpu ?? '0') || 0,
    memoryMib: Math.round(amountOf(limits.memory ?? '0') / 2 ** 20) || 0,
    durability: postgresql.synchronous ? 'sync' : 'async',
    parameters: postgresql.parameters ?? {},
    backupRefusal: backupRefusalOf(spec),
    ...applicationOf(bootstrap),
  }
}

function archiveIn({ plugins = [] }: NonNullable<ClusterObject['spec']>, cluster: string): ArchiveName | undefined {
  const { barmanObjectName: store, serverName: server = cluster } = plugins.find(({ enabled, isWALArchiver, name }) => name === backupPlugin && isWALArchiver === true && enabled !== false)?.parameters ?? {}
  return store === undefined ? undefined : { store, server }
}

function backupRefusalOf({ enableSuperuserAccess, plugins }: NonNullable<ClusterObject['spec']>): string | undefined {
  if (!archiveIn({ plugins: plugins ?? [] }, ''))
    return `Its Cluster has no archive. Where it is kept, add an ObjectStore, and to the Cluster's spec.plugins: { name: ${backupPlugin}, isWALArchiver: true, parameters: { barmanObjectName: <its name> } }.`
  return enableSuperuserAccess === true
    ? undefined
    : 'Its Cluster has no superuser access, without which nobody sees that its WAL is in the archive: set enableSuperuserAccess where it is kept.'
}

function originOf({ bootstrap = {}, externalClusters = [] }: NonNullable<ClusterObject['spec']>): Origin | undefined {
  const { pg_basebackup: copy, recovery } = bootstrap
  const external = externalClusters.find(({ name }) => name !== undefined && name === (recovery ?? copy)?.source)
  const { barmanObjectName: store, serverName: server } = external?.plugin?.parameters ?? {}
  const host = external?.connectionParameters?.host
  if (recovery && store !== undefined && server !== undefined)
    return { kind: 'archive', archive: { store, server }, target: recovery.recoveryTarget ?? {} }
  return copy && host !== undefined ? { kind: 'server', name: host.replace(/-rw$/, '') } : undefined
}

function needsOf({ resources = {}, storage }: NonNullable<ClusterObject['spec']>): Needs {
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
  readonly cluster: string
  readonly isInstance: boolean
  readonly isPrimary: boolean
  readonly isReady: boolean
  readonly isDeleting: boolean
  readonly restartedAt: string | undefined
  readonly limits: { readonly cpu: string, readonly memory: string } | undefined
  /** Why it does not run: a reason of the scheduler or of a container, with its sentence. */
  readonly trouble: { readonly reason: string, readonly message: string } | undefined
}

interface PodObject extends KubeObject {
  readonly spec?: { readonly containers?: readonly { readonly name: string, readonly resources?: { readonly limits?: { readonly cpu?: string, readonly memory?: string } } }[] }
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly Partial<Condition>[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

interface ContainerStatus {
  readonly state?: {
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
    cluster,
    isInstance: labels['cnpg.io/podRole'] === 'instance',
    isPrimary: labels[instanceRoleLabel] === 'primary',
    isReady: status.conditions?.some(({ status: value, type }) => type === 'Ready' && value === 'True') ?? false,
    isDeleting: metadata.deletionTimestamp !== undefined,
    restartedAt: annotations[restartAnnotation],
    limits: limits && { cpu: limits.cpu ?? '', memory: limits.memory ?? '' },
    trouble: troubleOf(status),
  }
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
