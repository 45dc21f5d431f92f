import type { DatabaseRef } from '@howdah/engine'
import type { Location } from './location.ts'

/** Who a database is. On the Cluster and, inherited, on everything that the operator makes for it. */
export const idLabel = 'howdah.dev/id'
/** On a volume that stayed when its database was deleted: whose it was. */
export const keptOfLabel = 'howdah.dev/kept-of'
export const projectLabel = 'howdah.dev/project'
/** On a project's namespace and on its Clusters: id of the control plane that made them, where several may be in one cluster. */
export const installationLabel = 'howdah.dev/installation'
export const managedByLabel = 'app.kubernetes.io/managed-by'
export const managedBy = 'howdah'
/** The same of what the operator manages. */
export const operatorName = 'cloudnative-pg'
/** What of the spec is in effect, as JSON. Written only after it was seen to be. */
export const stateAnnotation = 'howdah.dev/state'
/** Digest of the manifest that was applied last, so that what left the manifest is noticed too. */
export const manifestAnnotation = 'howdah.dev/manifest'

/** Changes when we lost sight of the database, so that the operator looks at it. */
export const nudgeAnnotation = 'howdah.dev/lost-sight'
/** On a Cluster that Git owns: which restart of ours was asked for last. */
export const restartOrderAnnotation = 'howdah.dev/restart'
/** On a Backup: which of ours it is, and, once it is whole, what is known of it. */
export const backupLabel = 'howdah.dev/backup'
export const takenAnnotation = 'howdah.dev/taken'
/** On a Backup: which server of the archive it is of, where that is not the first one of its database. */
export const serverAnnotation = 'howdah.dev/server'
/** On a Backup: what the last drill with it found. */
export const proofAnnotation = 'howdah.dev/proof'
/** On a Backup that is none: the branch that begins from its snapshot, and with which it goes. */
export const branchLabel = 'howdah.dev/branch'
/** On a Backup: changes whenever we look, so that the operator looks too. */
export const lookedAnnotation = 'howdah.dev/looked'
/** On the Cluster of a drill, which has no id of a database and so is nobody's: whose backup it tries, and how far it is. */
export const drillLabel = 'howdah.dev/drill-of'
export const drillAnnotation = 'howdah.dev/drill'
/** On the Cluster of a rehearsal, likewise: of whose upgrade, and how far it is. */
export const rehearsalLabel = 'howdah.dev/rehearsal-of'
export const rehearsalAnnotation = 'howdah.dev/rehearsal'
/** On an ObjectStore: what the last rehearsal found. */
export const reportAnnotation = 'howdah.dev/upgrade-report'
/** On an ObjectStore: moments with a name, and up to where the archive of a server that stopped goes. */
export const pointsAnnotation = 'howdah.dev/restore-points'
export const endAnnotation = 'howdah.dev/end'
/** On an ObjectStore: what took the place of what, and what is under way. On a Cluster: what of it can be brought back. */
export const inPlaceAnnotation = 'howdah.dev/in-place'
export const keptAnnotation = 'howdah.dev/kept'
/** On a Cluster that was made from an archive: up to where its replay has to get before anybody is let in. */
export const replaysToAnnotation = 'howdah.dev/replays-to'
/** On a Cluster: the ObjectStore may say that it becomes another major, and then nobody else changes it. */
export const upgradingAnnotation = 'howdah.dev/upgrading'

/** The operator's own words. */
export const clusterLabel = 'cnpg.io/cluster'
export const instanceRoleLabel = 'cnpg.io/instanceRole'
export const hibernationAnnotation = 'cnpg.io/hibernation'
/** Its archive has WAL already: of the timelines before. */
export const knownArchiveAnnotation = 'cnpg.io/skipEmptyWalArchiveCheck'
export const restartAnnotation = 'kubectl.kubernetes.io/restartedAt'
/** Secrets with it are read again by the instances when they change. */
export const reloadLabel = 'cnpg.io/reload'
/** Roles that the operator keeps in every server. */
export const operatorRoles = ['streaming_replica', 'cnpg_metrics_exporter', 'cnpg_pooler_pgbouncer']
export const backupPlugin = 'barman-cloud.cloudnative-pg.io'
/** Set in every server: which settings it has loaded. */
export const settingsParameter = 'howdah.settings'
export const superuserName = 'postgres'

/** A project has one namespace. */
export function namespaceOf(location: Pick<Location, 'namespacePrefix'>, project: string): string {
  return `${location.namespacePrefix}${project}`
}

export function ownerSecretOf(ref: Pick<DatabaseRef, 'name'>): string {
  return `${ref.name}-owner`
}

export function monitorSecretOf(ref: Pick<DatabaseRef, 'name'>): string {
  return `${ref.name}-monitor`
}

/** The Service of type LoadBalancer, where the location has a domain. */
export function balancerOf(ref: Pick<DatabaseRef, 'name'>): string {
  return `${ref.name}-external`
}

/** The authority that vouches for the servers. The operator makes it where there is none. */
export function authoritySecretOf(ref: Pick<DatabaseRef, 'name'>): string {
  return `${ref.name}-ca`
}

/** In each namespace with databases that archive: how to get into the bucket. */
export const bucketSecret = 'howdah-archives'

/** Names are used again and ids are not: an archive outlives its database. */
export function archiveOf(id: string): string {
  return `archive-${id}`
}

export function ownLabels(ref: DatabaseRef): Record<string, string> {
  return { [managedByLabel]: managedBy, ...inheritedLabels(ref) }
}

/** Of what the operator makes for a database: without who manages it, which the operator says itself, and looks for when it takes snapshots of volumes. */
export function inheritedLabels(ref: DatabaseRef): Record<string, string> {
  return { [idLabel]: ref.id, [projectLabel]: ref.project }
}
