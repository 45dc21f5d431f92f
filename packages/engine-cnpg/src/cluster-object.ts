import type { KubeObject } from './kubernetes/objects.ts'
import type { ArchiveName, RecoveryTarget } from './manifests/bootstrap.ts'
import { backupPlugin } from './names.ts'

/** A Cluster as the operator documents it, as far as we read it. */
export interface ClusterObject extends KubeObject {
  readonly spec?: ClusterSpec
  readonly status?: {
    readonly image?: string
    /** What made the files that it has. */
    readonly pgDataImageInfo?: { readonly majorVersion?: number }
    readonly phase?: string
    readonly phaseReason?: string
    readonly readyInstances?: number
    readonly pvcCount?: number
    readonly currentPrimary?: string
    readonly targetPrimary?: string
    readonly certificates?: { readonly expirations?: Readonly<Record<string, string>> }
    readonly conditions?: readonly { readonly type?: string, readonly status?: string, readonly reason?: string, readonly message?: string }[]
  }
}

export interface ClusterSpec {
  readonly instances?: number
  readonly imageName?: string
  readonly primaryUpdateStrategy?: string
  readonly postgresql?: { readonly parameters?: Readonly<Record<string, string>>, readonly synchronous?: object }
  readonly storage?: { readonly size?: string }
  readonly backup?: { readonly volumeSnapshot?: { readonly className?: string } }
  readonly resources?: { readonly requests?: Readonly<Record<string, string>>, readonly limits?: Readonly<Record<string, string>> }
  readonly bootstrap?: {
    readonly initdb?: Application
    readonly recovery?: Application & { readonly source?: string, readonly recoveryTarget?: RecoveryTarget, readonly volumeSnapshots?: { readonly storage?: { readonly name?: string } } }
    readonly pg_basebackup?: Application & { readonly source?: string }
  }
  readonly probes?: object
  readonly externalClusters?: readonly ExternalCluster[]
  readonly enableSuperuserAccess?: boolean
  readonly certificates?: { readonly serverAltDNSNames?: readonly string[] }
  readonly managed?: { readonly services?: { readonly additional?: readonly { readonly serviceTemplate?: { readonly metadata?: { readonly name?: string } } }[] } }
  readonly plugins?: readonly { readonly name?: string, readonly enabled?: boolean, readonly isWALArchiver?: boolean, readonly parameters?: BarmanParameters }[]
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

/** With the operator's own defaults. */
export function applicationOf({ bootstrap = {} }: ClusterSpec, cluster: string): { readonly database: string, readonly owner: string, readonly ownerSecret: string } {
  const application: Application = bootstrap.initdb ?? bootstrap.recovery ?? bootstrap.pg_basebackup ?? {}
  const { database = 'app', owner = database, secret } = application
  return { database, owner, ownerSecret: secret?.name ?? `${cluster}-app` }
}

/** Where its WAL goes; undefined: nowhere. */
export function archiveIn({ plugins = [] }: ClusterSpec, cluster: string): ArchiveName | undefined {
  const { barmanObjectName: store, serverName: server = cluster } = plugins.find(({ enabled, isWALArchiver, name }) => name === backupPlugin && isWALArchiver === true && enabled !== false)?.parameters ?? {}
  return store === undefined ? undefined : { store, server }
}
