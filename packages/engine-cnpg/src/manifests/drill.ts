import type { DatabaseRef } from '@howdah/engine'
import type { DrillRecord } from '../backup/drill-record.ts'
import type { Location } from '../location.ts'
import type { ArchiveName } from './bootstrap.ts'
import type { ClusterManifest, ClusterSpec } from './cluster.ts'
import { maintenanceDatabase } from '@howdah/postgres'
import { drillText } from '../backup/drill-record.ts'
import { drillAnnotation, drillLabel, managedBy, managedByLabel, stateAnnotation, superuserName } from '../names.ts'
import { appliedSpec } from '../state.ts'
import { recoveryOf } from './bootstrap.ts'
import { clusterManifest } from './cluster.ts'

/** What of a database decides how large a copy of it has to be. */
export type Likeness = Pick<ClusterSpec, 'cpu' | 'memoryMib' | 'storageGib' | 'parameters'>

export interface DrillPlan {
  readonly ref: DatabaseRef
  readonly record: DrillRecord
  readonly archive: ArchiveName
  /** Barman's name of the backup. */
  readonly backupID: string
  readonly version: number
  /** Undefined: the database is gone. */
  readonly like: Likeness | undefined
  /** Bytes of its data; undefined: not known. */
  readonly bytes: number | undefined
  /** First logical database and its owner: the operator makes some where it is told of none. */
  readonly application: { readonly database: string, readonly owner: string } | undefined
  /** uid of the Cluster with which the drill goes. */
  readonly ownedBy: string | undefined
}

/** Enough to read everything once; a database that is larger is back sooner than its drill. */
const most = { cpu: 1, memoryMib: 1024 }
/** A replay makes what came after the backup, and PostgreSQL keeps WAL beside it. */
const growth = 1.3
/** PostgreSQL does not replay the WAL of a server where any of these was larger. */
const atLeastAsBefore = ['max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction']

/** A Cluster of one instance that begins as a backup with all WAL after it, archives nowhere, and lets in nobody but us. */
export function drillManifest(plan: DrillPlan, location: Location, image: string): ClusterManifest {
  const { application, archive, backupID, like, ownedBy, record, ref } = plan
  const spec: ClusterSpec = {
    id: '',
    project: ref.project,
    name: `drill-${record.id.slice(-12)}`,
    version: plan.version,
    instances: 1,
    cpu: Math.min(like?.cpu || most.cpu, most.cpu),
    memoryMib: Math.min(like?.memoryMib || most.memoryMib, most.memoryMib),
    storageGib: storageOf(plan, location),
    durability: 'async',
    parameters: Object.fromEntries(Object.entries(like?.parameters ?? {}).filter(([name]) => atLeastAsBefore.includes(name))),
    allowedCidrs: [],
    database: application?.database ?? maintenanceDatabase,
    owner: { user: application?.owner ?? superuserName },
    hibernated: false,
    restartToken: '',
  }
  const manifest = clusterManifest(spec, { ...location, backups: undefined, domain: undefined }, image)
  const labels = { [managedByLabel]: managedBy, [drillLabel]: ref.id }
  const body = { ...manifest.spec, ...recoveryOf(archive, { backupID }, application ?? {}), inheritedMetadata: { labels } }
  return {
    ...manifest,
    metadata: {
      name: spec.name,
      namespace: manifest.metadata.namespace,
      labels,
      annotations: {
        [drillAnnotation]: drillText(record),
        [stateAnnotation]: JSON.stringify({ spec: appliedSpec(spec) }),
      },
      ...ownedBy === undefined ? {} : { ownerReferences: [{ apiVersion: manifest.apiVersion, kind: manifest.kind, name: ref.name, uid: ownedBy }] },
    },
    spec: body,
  }
}

function storageOf({ bytes, like }: DrillPlan, location: Location): number {
  const asLarge = like?.storageGib ?? location.maxStorageGib
  return bytes === undefined ? asLarge : Math.min(asLarge, Math.ceil(bytes * growth / 2 ** 30) + 1)
}
