import type { Delivered } from '@howdah/engine'
import type { ClusterObject, ClusterSpec } from './cluster-object.ts'
import type { Database } from './database.ts'
import type { Metadata } from './kubernetes/objects.ts'
import { applicationOf, archiveIn } from './cluster-object.ts'
import { backupPlugin } from './names.ts'
import { amountOf } from './quota.ts'

/** What a Cluster that Git owns is asked to be, in our words; undefined until its version is known. */
export function deliveredOf({ metadata, spec = {}, status = {} }: ClusterObject): Delivered | undefined {
  const { imageName = '', instances = 1, postgresql = {}, resources = {}, storage } = spec
  // A registry may have a port, and an image a digest.
  const [, tag = ''] = (status.image ?? imageName).split('@')[0]?.split('/').at(-1)?.split(':') ?? []
  const version = Number.parseInt(tag)
  if (Number.isNaN(version))
    return undefined
  const { database, owner } = applicationOf(spec, metadata.name)
  const limits = { ...resources.requests, ...resources.limits }
  return {
    version,
    instances,
    storageGib: Math.ceil(amountOf(storage?.size ?? '0') / 2 ** 30) || 1,
    cpu: amountOf(limits.cpu ?? '0') || 0,
    memoryMib: Math.round(amountOf(limits.memory ?? '0') / 2 ** 20) || 0,
    durability: postgresql.synchronous ? 'sync' : 'async',
    parameters: parametersOf(metadata, postgresql.parameters),
    backupRefusal: backupRefusalOf(spec, metadata.name),
    database,
    owner,
  }
}

/**
 * The operator's webhook adds two dozen of its own. The API knows who set each field, and a webhook is nobody: what has no owner
 * was asked for by nobody either.
 */
function parametersOf({ managedFields }: Metadata, parameters: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  if (!managedFields)
    return parameters
  const owned = new Set(managedFields.flatMap(({ fieldsV1 = {} }) => Object.keys((fieldsV1 as OwnedFields)['f:spec']?.['f:postgresql']?.['f:parameters'] ?? {}))) // the API's documented shape
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => owned.has(`f:${name}`)))
}

/** Fields of an object that somebody owns, each with `f:` before its name. */
interface OwnedFields {
  readonly 'f:spec'?: { readonly 'f:postgresql'?: { readonly 'f:parameters'?: object } }
}

function backupRefusalOf(spec: ClusterSpec, name: string): string | undefined {
  if (!archiveIn(spec, name))
    return `The Cluster "${name}" has no archive. Where it is kept, add an ObjectStore, and to the Cluster's spec.plugins: { name: ${backupPlugin}, isWALArchiver: true, parameters: { barmanObjectName: <its name> } }.`
  return spec.enableSuperuserAccess === true
    ? undefined
    : `The Cluster "${name}" has no superuser access, without which nobody sees that its WAL is in the archive: set enableSuperuserAccess where it is kept.`
}

/** Why we do not change it. */
export function keptElsewhere({ cluster, ref }: Pick<Database, 'cluster' | 'ref'>): string {
  return `"${ref.name}" is kept in Git${cluster.source === undefined ? '' : ` by the application "${cluster.source}"`}: change its Cluster "${cluster.name}" there.`
}
