import type { Location } from '../location.ts'
import type { ClusterSpec } from './cluster.ts'
import { archiveOf, backupPlugin, ownerSecretOf } from '../names.ts'

/** What a Cluster is made from, where it does not begin empty. Read back from the Cluster, so that it is decided once. */
export type Origin
  = | ArchiveOrigin
    /** A Cluster of this name in the same namespace that runs. */
    | { readonly kind: 'server', readonly name: string }

export interface ArchiveOrigin {
  readonly kind: 'archive'
  readonly archive: ArchiveName
  readonly target: RecoveryTarget
  /** Name of the VolumeSnapshot that it begins as; WAL is the archive's. Undefined: as the backup in the archive that the target names. */
  readonly snapshot?: string
  /** Undefined: PostgreSQL sees to it that it reaches the target, or nobody knows what is in the archive. */
  readonly end?: ReplayEnd
}

/**
 * Up to where a replay has to get at least that goes on for as long as there is WAL. Without a target PostgreSQL takes WAL that the archive
 * does not give for the end.
 */
export interface ReplayEnd {
  /** That it goes along, or an earlier one. */
  readonly timeline: number
  readonly lsn: string
}

/** Which one: an ObjectStore of the namespace, and the name of a server in it. */
export interface ArchiveName {
  readonly store: string
  readonly server: string
}

/** That of a database of ours, which no other one ever had: ids are of one length. `server`: where it is not the first one. */
export function ownArchive(id: string, server: string = id): ArchiveName {
  return { store: archiveOf(id), server }
}

/** The operator's words. Always with the backup to begin from, unless that is a snapshot: we chose it. */
export interface RecoveryTarget {
  readonly backupID?: string
  readonly targetTime?: string
  readonly targetLSN?: string
  readonly targetImmediate?: boolean
  readonly exclusive?: boolean
  /** Timeline to go along, where there are several pasts. */
  readonly targetTLI?: string
}

export interface Bootstrap {
  readonly bootstrap: object
  readonly externalClusters?: readonly object[]
}

/** Name under which a Cluster knows what it is made from. */
const source = 'origin'

export function bootstrapOf(spec: ClusterSpec, origin: Origin | undefined): Bootstrap {
  const application = { database: spec.database, owner: spec.owner.user, secret: { name: ownerSecretOf(spec) } }
  switch (origin?.kind) {
    case undefined:
      return {
        bootstrap: {
          initdb: {
            ...application,
            dataChecksums: true,
            encoding: 'UTF8',
            ...spec.version >= 17
              ? { localeProvider: 'builtin', builtinLocale: 'C.UTF-8', locale: 'C' }
              : { localeCollate: 'C', localeCType: 'C.UTF-8' },
          },
        },
      }
    case 'archive':
      return recoveryOf(origin, application)
    case 'server':
      return {
        bootstrap: { pg_basebackup: { source, ...application } },
        externalClusters: [{
          name: source,
          connectionParameters: { host: `${origin.name}-rw`, user: 'streaming_replica', dbname: 'postgres', sslmode: 'verify-full' },
          sslKey: { name: `${origin.name}-replication`, key: 'tls.key' },
          sslCert: { name: `${origin.name}-replication`, key: 'tls.crt' },
          sslRootCert: { name: `${origin.name}-ca`, key: 'ca.crt' },
        }],
      }
  }
}

/** `application`: which logical database and owner the operator looks after in what was restored. */
export function recoveryOf({ archive, snapshot, target }: Omit<ArchiveOrigin, 'kind'>, application: object): Bootstrap {
  const volumeSnapshots = { storage: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: snapshot } }
  return {
    bootstrap: { recovery: { source, recoveryTarget: target, ...snapshot === undefined ? {} : { volumeSnapshots }, ...application } },
    externalClusters: [{ name: source, plugin: { name: backupPlugin, parameters: parametersOf(archive) } }],
  }
}

export function archivingOf(archive: ArchiveName, location: Location): { readonly plugins?: readonly object[] } {
  return location.backups === undefined
    ? {}
    : { plugins: [{ name: backupPlugin, isWALArchiver: true, parameters: parametersOf(archive) }] }
}

function parametersOf({ server, store }: ArchiveName): object {
  return { barmanObjectName: store, serverName: server }
}
