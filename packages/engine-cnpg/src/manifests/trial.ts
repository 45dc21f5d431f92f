import type { DatabaseRef } from '@howdah/engine'
import type { Location } from '../location.ts'
import type { ArchiveName, ReplayEnd } from './bootstrap.ts'
import type { ClusterManifest, ClusterSpec } from './cluster.ts'
import { maintenanceDatabase } from '@howdah/postgres'
import { installationLabel, managedBy, managedByLabel, replaysToAnnotation, stateAnnotation, superuserName } from '../names.ts'
import { appliedSpec } from '../state.ts'
import { recoveryOf } from './bootstrap.ts'
import { clusterManifest } from './cluster.ts'

/** A Cluster beside a database in which something of it is tried. */
export interface TrialPlan extends Pick<ClusterSpec, 'name' | 'version' | 'cpu' | 'memoryMib' | 'storageGib' | 'parameters'> {
  readonly ref: DatabaseRef
  /** Says what is tried, of which database. */
  readonly label: string
  readonly annotation: { readonly name: string, readonly text: string }
  readonly archive: ArchiveName
  /** Barman's name of the backup. */
  readonly backupID: string
  /** Up to where its replay has to get; undefined: that is not known. */
  readonly end?: ReplayEnd | undefined
  /** First logical database and its owner: the operator makes some where it is told of none. */
  readonly application: { readonly database: string, readonly owner: string } | undefined
  /** uid of the Cluster with which it goes. */
  readonly ownedBy: string | undefined
}

/** A Cluster of one instance that begins as a backup with all WAL after it, archives nowhere, and lets in nobody but us. */
export function trialManifest({ annotation, application, archive, backupID, end, label, ownedBy, ref, ...plan }: TrialPlan, location: Location, image: string): ClusterManifest {
  const { cpu, memoryMib, name, parameters, storageGib, version } = plan
  const spec: ClusterSpec = {
    id: '',
    project: ref.project,
    name,
    version,
    instances: 1,
    cpu,
    memoryMib,
    storageGib,
    durability: 'async',
    parameters,
    allowedCidrs: [],
    database: application?.database ?? maintenanceDatabase,
    owner: { user: application?.owner ?? superuserName },
    hibernated: false,
    restartToken: '',
  }
  const manifest = clusterManifest(spec, { ...location, backups: undefined, domain: undefined }, image)
  const labels = { [managedByLabel]: managedBy, [label]: ref.id }
  const body = { ...manifest.spec, ...recoveryOf({ archive, target: { backupID } }, application ?? {}), inheritedMetadata: { labels } }
  return {
    ...manifest,
    metadata: {
      name,
      namespace: manifest.metadata.namespace,
      labels: { ...labels, ...location.installation === undefined ? {} : { [installationLabel]: location.installation } },
      annotations: {
        [annotation.name]: annotation.text,
        ...end ? { [replaysToAnnotation]: JSON.stringify(end) } : {},
        [stateAnnotation]: JSON.stringify({ spec: appliedSpec(spec) }),
      },
      ...ownedBy === undefined ? {} : { ownerReferences: [{ apiVersion: manifest.apiVersion, kind: manifest.kind, name: ref.name, uid: ownedBy }] },
    },
    spec: body,
  }
}
