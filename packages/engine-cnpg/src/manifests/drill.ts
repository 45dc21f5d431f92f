import type { DrillRecord } from '../backup/drill-record.ts'
import type { Location } from '../location.ts'
import type { ClusterManifest, ClusterSpec } from './cluster.ts'
import type { TrialPlan } from './trial.ts'
import { drillAnnotation, drillLabel } from '../names.ts'
import { trialText } from '../trial-record.ts'
import { trialManifest } from './trial.ts'

/** What of a database decides how large a copy of it has to be. */
export type Likeness = Pick<ClusterSpec, 'cpu' | 'memoryMib' | 'storageGib' | 'parameters'>

export interface DrillPlan extends Pick<TrialPlan, 'ref' | 'archive' | 'backupID' | 'end' | 'version' | 'application' | 'ownedBy'> {
  readonly record: DrillRecord
  /** Undefined: the database is gone. */
  readonly like: Likeness | undefined
  /** Bytes of its data; undefined: not known. */
  readonly bytes: number | undefined
}

/** Enough to read everything once; a database that is larger is back sooner than its drill. */
const most = { cpu: 1, memoryMib: 1024 }
/** A replay makes what came after the backup, and PostgreSQL keeps WAL beside it. */
const growth = 1.3
/** PostgreSQL does not replay the WAL of a server where any of these was larger. */
const atLeastAsBefore = ['max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction']

export function drillManifest(plan: DrillPlan, location: Location, image: string): ClusterManifest {
  const { like, record, ...trial } = plan
  return trialManifest({
    ...trial,
    name: `drill-${record.id.slice(-12)}`,
    label: drillLabel,
    annotation: { name: drillAnnotation, text: trialText(record) },
    cpu: Math.min(like?.cpu || most.cpu, most.cpu),
    memoryMib: Math.min(like?.memoryMib || most.memoryMib, most.memoryMib),
    storageGib: storageOf(plan, location),
    parameters: Object.fromEntries(Object.entries(like?.parameters ?? {}).filter(([name]) => atLeastAsBefore.includes(name))),
  }, location, image)
}

function storageOf({ bytes, like }: DrillPlan, location: Location): number {
  const asLarge = like?.storageGib ?? location.maxStorageGib
  return bytes === undefined ? asLarge : Math.min(asLarge, Math.ceil(bytes * growth / 2 ** 30) + 1)
}
