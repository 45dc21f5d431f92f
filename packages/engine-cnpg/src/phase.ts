import type { EnginePhase, Member } from '@howdah/engine'
import type { Lag } from './monitor.ts'
import type { QuotaView } from './quota.ts'
import type { ClusterView, PodView } from './views.ts'
import { balancerOf } from './names.ts'
import { shortages } from './quota.ts'

/** What was seen of one database, from which its phase follows. */
export interface Seen {
  readonly cluster: ClusterView
  readonly pods: readonly PodView[]
  readonly quotas: readonly QuotaView[]
  /** A login through the address that users are given answers now. */
  readonly answers: boolean
  /** Code of the error with which our last connection ended; empty while one is held. */
  readonly complaint: string
  /** How far each replica that follows the primary is behind, by the name of its pod; undefined where it is not known. */
  readonly lag: ReadonlyMap<string, Lag> | undefined
  /** By databases and WAL; undefined where it is not known. */
  readonly storageUsedBytes: number | undefined
  /** Users are to reach it through a load balancer, which has no address. */
  readonly isBalancerPending: boolean
  /** Why the API of the cluster cannot be followed; undefined while it can. */
  readonly problem: string | undefined
  readonly now: Date
}

export interface Judgement {
  readonly phase: EnginePhase
  readonly reason: string
  readonly message: string
}

const healthy = 'Cluster in healthy state'
/** Also for as long as one that was made anew does not answer the operator, which then does nothing else. */
const waiting = 'Waiting for the instances to become active'
/** Part of a volume; file systems keep a few percent for themselves. */
const nearlyFull = 0.9
/** Below this there is clearly room again. */
const roomAgain = 0.85
/** A store that is away for a moment costs one. */
const restoreAttempts = 2

/** It serves on, and not for long. */
const toldWhileItAnswers = new Set(['StorageFull', 'CertificateExpired', 'NotInCatalogue'])

interface Trouble {
  readonly reason: string
  readonly message: string
  /** True: it does not pass by itself. */
  readonly isStuck: boolean
}

/** Words of the operator and of Kubernetes that a user can do something about, in ours. */
const troubles: readonly (Trouble & { readonly pattern: RegExp })[] = [
  { pattern: /failed calling webhook/i, reason: 'WebhookUnavailable', message: 'A webhook of the cluster does not answer, so the operator cannot make what it needs: the status of the Cluster says which one.', isStuck: true },
  { pattern: /storageclass.*not found|unbound.*PersistentVolumeClaim/i, reason: 'StorageUnavailable', message: 'The cluster gives it no volume: look at the storage class of the location.', isStuck: true },
  { pattern: /volume node affinity|PersistentVolume's node affinity/i, reason: 'VolumeAway', message: 'The volume of an instance is on a node that is away. If it never comes back, delete the instance\'s volume claim and pod: another one is made elsewhere.', isStuck: true },
  { pattern: /Unschedulable/i, reason: 'NoNodeFits', message: 'No node of the cluster has room for an instance of this size.', isStuck: true },
  { pattern: /image catalog/i, reason: 'NotInCatalogue', message: 'The image catalogue has no image for its major version, and until it has the operator does nothing for it: nobody replaces a server that fails.', isStuck: true },
  { pattern: /ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull/, reason: 'ImageUnavailable', message: 'The image of PostgreSQL cannot be pulled.', isStuck: true },
  { pattern: /OOMKilled/, reason: 'OutOfMemory', message: 'An instance needed more memory than it has and was ended.', isStuck: false },
  { pattern: /Not enough disk space/i, reason: 'StorageFull', message: 'The volume is full. Give the database more storage.', isStuck: true },
  { pattern: /unrecoverable/i, reason: 'Unrecoverable', message: 'The operator cannot bring it back by itself.', isStuck: true },
  { pattern: /CrashLoopBackOff|CreateContainer|RunContainerError|StartError/, reason: 'InstanceFailing', message: 'An instance does not start.', isStuck: true },
]

/** The one word for a database, and why. The operator's own "healthy" counts for nothing unless somebody can log in. */
export function judge(seen: Seen): Judgement {
  const { answers, cluster, pods, problem } = seen
  // While a login answers, the database is there, whoever else is not.
  if (problem !== undefined && !answers)
    return { phase: 'unknown', reason: 'ClusterUnreachable', message: 'The API of the cluster cannot be reached; what was seen last may have changed.' }
  const isHibernated = cluster.conditions.some(({ status, type }) => type === 'cnpg.io/hibernation' && status === 'True')
  if (isHibernated && cluster.isHibernationAsked)
    return { phase: 'hibernated', reason: '', message: '' }
  const trouble = troubleOf(seen)
  if (!cluster.state.isProven && cluster.isOurs)
    return { phase: 'provisioning', reason: trouble?.reason ?? '', message: trouble?.message ?? '' }
  if (cluster.isHibernationAsked)
    return { phase: 'restarting', reason: 'Stopping', message: 'The servers are being stopped.' }
  if (!answers) {
    if (cluster.state.switchover?.isDone === false)
      return { phase: 'switching-over', reason: 'SwitchoverRequested', message: `${cluster.state.switchover.to} becomes the primary, as asked.` }
    if (trouble?.isStuck)
      return { phase: 'failed', reason: trouble.reason, message: trouble.message }
    return { phase: 'restarting', reason: trouble?.reason ?? reasonOf(cluster, pods), message: trouble?.message ?? `The server does not answer. The operator says: ${cluster.phase || 'nothing yet'}.` }
  }
  if (isArchivingFailing(cluster))
    return { phase: 'degraded', reason: 'ArchiveStuck', message: 'Its WAL does not reach the archive, so what is written now cannot be restored to a point in time. It serves on until its volume is full.' }
  // What we hold on to was let in before.
  if (trouble && toldWhileItAnswers.has(trouble.reason))
    return { phase: 'degraded', reason: trouble.reason, message: trouble.message }
  const filling = fillingOf(seen)
  if (filling !== undefined)
    return { phase: 'degraded', reason: 'StorageNearlyFull', message: filling }
  const ready = pods.filter(pod => pod.isInstance && isReady(seen, pod)).length
  if (ready < cluster.instances)
    return { phase: 'degraded', reason: trouble?.reason ?? 'InstanceMissing', message: `${ready} of ${cluster.instances} instances are ready.${trouble ? ` ${trouble.message}` : ''}` }
  return { phase: 'ready', reason: '', message: '' }
}

/** A full volume stops the server: it is said while there is time to do something. */
function fillingOf({ cluster, storageUsedBytes = 0 }: Seen): string | undefined {
  const size = cluster.needs.volume['requests.storage'] ?? 0
  return size > 0 && storageUsedBytes > nearlyFull * size
    ? `The database uses ${gib(storageUsedBytes)} of the ${gib(size)} of its volume, and stops when that is full. Delete data or give it more storage.`
    : undefined
}

/** How full the volume is, whatever else is the matter. */
export type StorageLevel = 'room' | 'almost' | 'nearly-full' | 'full'

/** Undefined while it is not known. */
export function storageLevelOf(seen: Seen): { readonly level: StorageLevel, readonly message: string } | undefined {
  const trouble = troubleOf(seen)
  if (trouble?.reason === 'StorageFull')
    return { level: 'full', message: trouble.message }
  const size = seen.cluster.needs.volume['requests.storage'] ?? 0
  if (seen.storageUsedBytes === undefined || size === 0)
    return undefined
  const filling = fillingOf(seen)
  if (filling !== undefined)
    return { level: 'nearly-full', message: filling }
  return { level: seen.storageUsedBytes > roomAgain * size ? 'almost' : 'room', message: '' }
}

export function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}

export function isHealthy(cluster: ClusterView): boolean {
  return cluster.phase === healthy && cluster.currentPrimary === cluster.targetPrimary
}

/** The operator is at nothing but to wait for instances that are there. */
export function isAtRest(cluster: ClusterView): boolean {
  return isHealthy(cluster) || (cluster.phase === waiting && cluster.currentPrimary === cluster.targetPrimary)
}

/** While the primary changes the operator holds WAL back, and says that in the same place as a failure. */
export function isArchivingFailing({ conditions }: ClusterView): boolean {
  return conditions.some(({ message, status, type }) => type === 'ContinuousArchiving' && status === 'False' && !message.includes('switchover in progress'))
}

/** A replica counts when it follows: one that runs and does not is no redundancy. */
function isReady({ cluster, lag }: Seen, pod: PodView): boolean {
  return pod.isReady && !pod.isDeleting && (lag === undefined || pod.name === cluster.currentPrimary || lag.has(pod.name))
}

export function membersOf(seen: Seen): Member[] {
  const { cluster, lag, pods } = seen
  const instances = pods.filter(pod => pod.isInstance)
  if (instances.length === 0 && cluster.isHibernationAsked) {
    return Array.from({ length: cluster.instances }, (_, index) => ({
      name: `${cluster.name}-${index + 1}`,
      role: `${cluster.name}-${index + 1}` === (cluster.currentPrimary || `${cluster.name}-1`) ? 'primary' : 'replica',
      phase: 'stopped',
      lagBytes: null,
      lagSeconds: null,
    }))
  }
  return instances.map(pod => ({
    name: pod.name,
    role: pod.name === cluster.currentPrimary ? 'primary' as const : 'replica' as const,
    phase: isReady(seen, pod) ? 'ready' as const : pod.trouble ? 'failed' as const : 'starting' as const,
    lagBytes: lag?.get(pod.name)?.bytes ?? null,
    lagSeconds: lag?.get(pod.name)?.seconds ?? null,
  })).sort((a, b) => a.name < b.name ? -1 : 1)
}

function troubleOf(seen: Seen): Trouble | undefined {
  const { cluster, complaint, now, pods, quotas } = seen
  const ends = cluster.certificates[`${cluster.name}-server`]
  if (complaint === 'CERT_HAS_EXPIRED' || (ends !== undefined && new Date(ends) < now))
    return { reason: 'CertificateExpired', message: 'The server\'s certificate is over, so nobody who verifies it connects. The operator renews certificates in time: look at why it does not.', isStuck: true }
  const short = pods.length < cluster.instances
    ? shortages(quotas, { ...cluster.needs.pod, ...cluster.volumes < cluster.instances ? cluster.needs.volume : {} })
    : []
  if (short.length > 0)
    return { reason: 'QuotaExceeded', message: `The quota of the project's namespace leaves no room for it: ${short.join(', ')}.`, isStuck: true }
  if (cluster.state.shortfall !== '')
    return { reason: 'RestoreFailed', message: cluster.state.shortfall, isStuck: true }
  const failedRestores = cluster.state.isProven || !cluster.origin ? 0 : pods.filter(pod => !pod.isInstance && pod.trouble?.reason === 'Error').length
  if (failedRestores > 0)
    return { reason: failedRestores > restoreAttempts ? 'RestoreFailed' : 'RestoreFailing', message: 'The operator cannot make it from what it is to begin with: the log of the pod that restores it says why.', isStuck: true }
  const said = [
    `${cluster.phase} ${cluster.phaseReason}`,
    ...pods.flatMap(({ trouble }) => trouble ? [`${trouble.reason} ${trouble.message}`] : []),
  ]
  return troubles.find(({ pattern }) => said.some(text => pattern.test(text))) ?? wayTroubleOf(seen)
}

/** The servers are well, and the way to them is not. */
function wayTroubleOf({ answers, cluster, complaint, isBalancerPending }: Seen): Trouble | undefined {
  if (answers || !isHealthy(cluster))
    return undefined
  if (isBalancerPending)
    return { reason: 'AddressPending', message: `Its load balancer, the Service "${balancerOf(cluster)}", has no address: look at what makes load balancers in the cluster.`, isStuck: true }
  return isUnknownName(complaint)
    ? { reason: 'NameUnresolved', message: nameUnresolved(cluster), isStuck: true }
    : undefined
}

/** Of the code of an error with which a connection ended. */
export function isUnknownName(code: string): boolean {
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN'
}

export function nameUnresolved({ isExternal, isRouted }: ClusterView): string {
  return isExternal || isRouted
    ? 'The name that users are given leads nowhere: look at what keeps names in the DNS, such as external-dns.'
    : 'The name of its Service is not known where Howdah runs. On a machine that routes to the cluster\'s services, set `reach: cluster-ip` for the location; to be reached from outside of the cluster, set `domain`.'
}

function reasonOf(cluster: ClusterView, pods: readonly PodView[]): string {
  if (cluster.phase === 'Failing over' || cluster.currentPrimary !== cluster.targetPrimary)
    return 'FailingOver'
  return pods.some(pod => pod.isInstance && pod.name === cluster.currentPrimary && pod.isReady) ? 'NotAnswering' : 'PrimaryNotReady'
}
