import type { DatabaseSpec } from '@howdah/engine'
import type { Manifest } from '../kubernetes/objects.ts'
import type { Location } from '../location.ts'
import type { ArchiveName, Origin } from './bootstrap.ts'
import { createHash } from 'node:crypto'
import { defaultSettings } from '@howdah/postgres'
import { isRouted } from '../location.ts'
import {
  balancerOf,
  hibernationAnnotation,
  inheritedLabels,
  installationLabel,
  knownArchiveAnnotation,
  manifestAnnotation,
  namespaceOf,
  ownLabels,
  replaysToAnnotation,
  restartAnnotation,
  settingsParameter,
} from '../names.ts'
import { archivingOf, bootstrapOf, ownArchive } from './bootstrap.ts'
import { hostAccessRules } from './host-access.ts'

/** What a Cluster is made from. No passwords, and nothing that is put in effect otherwise. */
export type ClusterSpec = Pick<DatabaseSpec, 'id' | 'project' | 'name' | 'version' | 'instances' | 'storageGib' | 'cpu' | 'memoryMib' | 'durability' | 'parameters' | 'allowedCidrs' | 'database' | 'hibernated' | 'restartToken'> & { readonly owner: { readonly user: string } }

export interface ClusterManifest extends Manifest {
  readonly metadata: Manifest['metadata'] & { readonly namespace: string, readonly annotations: Readonly<Record<string, string>> }
  readonly spec: {
    readonly postgresql: { readonly parameters: Readonly<Record<string, string>>, readonly pg_hba: readonly string[] }
    readonly resources: { readonly requests: Resources, readonly limits: Resources }
    readonly probes: Readonly<Record<string, object>>
  }
}

interface Resources { readonly cpu: string, readonly memory: string }

/** Behind a gateway all clients have its address, so that networks tell nobody apart. Where none is allowed, nobody is let in there either. */
const anywhere = ['0.0.0.0/0', '::/0']

/** The Cluster of a database, made from `origin` or empty, which archives into `archive`: all that we want of it, and nothing else, so that the rest stays whoever's it is. */
export function clusterManifest(spec: ClusterSpec, location: Location, image: string, origin?: Origin, archive: ArchiveName = ownArchive(spec.id)): ClusterManifest {
  const namespace = namespaceOf(location, spec.project)
  const labels = { ...ownLabels(spec), ...location.installation === undefined ? {} : { [installationLabel]: location.installation } }
  const hosts = hostAccessRules(isRouted(location) && spec.allowedCidrs.length > 0 ? anywhere : spec.allowedCidrs, location.controlPlaneCidrs)
  const parameters = serverParameters(spec, hosts)
  const isReplicated = spec.instances > 1
  const body = {
    instances: spec.instances,
    ...imageIn(location, spec.version, image),
    ...bootstrapOf(spec, origin),
    ...archivingOf(archive, location),
    enableSuperuserAccess: true,
    postgresql: {
      parameters,
      shared_preload_libraries: ['pg_stat_statements'],
      pg_hba: hosts,
      ...spec.durability === 'sync'
        ? { synchronous: { method: 'any', number: 1, dataDurability: 'required', failoverQuorum: true } }
        : {},
    },
    storage: {
      size: `${spec.storageGib}Gi`,
      resizeInUseVolumes: true,
      ...location.storageClass === undefined ? {} : { storageClass: location.storageClass },
    },
    resources: {
      requests: { cpu: milli(spec.cpu * location.cpuReserved), memory: mebi(spec.memoryMib) },
      limits: { cpu: milli(spec.cpu), memory: mebi(spec.memoryMib) },
    },
    affinity: {
      enablePodAntiAffinity: true,
      podAntiAffinityType: 'preferred',
      topologyKey: 'kubernetes.io/hostname',
      // Kubernetes' default of 300 s is how long a database would be away with its node.
      tolerations: ['unreachable', 'not-ready'].map(taint => ({
        key: `node.kubernetes.io/${taint}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: location.unreachableSeconds,
      })),
    },
    primaryUpdateStrategy: 'unsupervised',
    primaryUpdateMethod: isReplicated ? 'switchover' : 'restart',
    // A budget for one instance would only keep nodes from being drained.
    enablePDB: isReplicated,
    // Clients in a pool never leave by themselves: waiting for them is downtime.
    smartShutdownTimeout: 0,
    stopDelay: 120,
    switchoverDelay: 60,
    probes: {
      // The operator's 10 s between looks would be part of every create and restart. An hour for recovery in all.
      startup: { periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 3600 },
      readiness: { periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 3 },
      // Ends a primary that reaches neither the API nor another instance, before another one is it (lost-node.ts). The operator's 30 s are too long.
      // The same for one instance, which it never ends for being alone: with others the first replica would need new pods, and interrupt.
      liveness: { periodSeconds: 3, timeoutSeconds: 3, failureThreshold: 4 },
    },
    // A new primary outwaits the lease of one that is lost. It is renewed every 2 s whatever it lasts; an API that is away ends no primary.
    ...isReplicated ? { primaryLease: { leaseDurationSeconds: 4, renewDeadlineSeconds: 3, retryPeriodSeconds: 2 } } : {},
    inheritedMetadata: { labels: inheritedLabels(spec) },
    ...location.domain === undefined ? {} : external(spec, location.domain, isRouted(location)),
  }
  return {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: {
      name: spec.name,
      namespace,
      labels,
      annotations: {
        [manifestAnnotation]: digestOf({ body, hibernated: spec.hibernated, restart: spec.restartToken }),
        [hibernationAnnotation]: spec.hibernated ? 'on' : 'off',
        ...spec.restartToken === '' ? {} : { [restartAnnotation]: spec.restartToken },
        ...origin?.kind === 'archive' && origin.archive.server === archive.server ? { [knownArchiveAnnotation]: 'enabled' } : {},
        ...origin?.kind === 'archive' && origin.end ? { [replaysToAnnotation]: JSON.stringify(origin.end) } : {},
      },
    },
    spec: body,
  }
}

/** What the servers of a Cluster run. */
export function imageIn({ imageCatalog }: Location, major: number, image: string): object {
  return imageCatalog === undefined ? { imageName: image } : { imageCatalogRef: { apiGroup: 'postgresql.cnpg.io', kind: 'ClusterImageCatalog', name: imageCatalog, major } }
}

/** Name under which users reach a database from outside the cluster. */
export function externalHost(ref: Pick<DatabaseSpec, 'name' | 'project'>, domain: string): string {
  return `${ref.name}.${ref.project}.${domain}`
}

function external(spec: ClusterSpec, domain: string, isRouted: boolean): object {
  const host = externalHost(spec, domain)
  const certificates = { serverAltDNSNames: [host] }
  if (isRouted)
    return { certificates }
  return {
    certificates,
    managed: {
      services: {
        additional: [
          {
            selectorType: 'rw',
            serviceTemplate: {
              metadata: { name: balancerOf(spec), annotations: { 'external-dns.alpha.kubernetes.io/hostname': host } },
              spec: { type: 'LoadBalancer' },
            },
          },
        ],
      },
    },
  }
}

/** The user's own come between our defaults and what nobody may change. */
function serverParameters(spec: ClusterSpec, hosts: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {
    ...defaultSettings(spec),
    ...spec.parameters,
    superuser_reserved_connections: '3',
    ssl_min_protocol_version: 'TLSv1.2',
    // PostgreSQL waits 5 s between attempts otherwise, which puts a tail of 5 s on promotions.
    wal_retrieve_retry_interval: '100ms',
    // What is lost with every volume at once; the operator's five minutes are a lot of that.
    archive_timeout: '1min',
    max_slot_wal_keep_size: `${slotKeptMb(spec.storageGib)}MB`,
  }
  return { ...parameters, [settingsParameter]: digestOf({ parameters, hosts }) }
}

/**
 * WAL that the slot of a replica that is away, or anybody's, keeps on the volume: beyond this it is given up, before the volume is full. Never less than
 * the operator keeps anyhow (its `wal_keep_size`), which counts for slots too.
 */
function slotKeptMb(storageGib: number): number {
  return Math.max(512, Math.floor(storageGib * 1024 / 10))
}

/** Quantities as Kubernetes itself would write them: it rewrites others, which would look like somebody's change. */
function milli(cpu: number): string {
  const thousandths = Math.max(1, Math.round(cpu * 1000))
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`
}

function mebi(amount: number): string {
  const units = ['Mi', 'Gi', 'Ti']
  let unit = 0
  let value = amount
  while (value % 1024 === 0 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value}${units[unit]}`
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}
