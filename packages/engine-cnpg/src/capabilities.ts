import type { Capabilities } from '@howdah/engine'
import type { Image, Location } from './location.ts'
import { isRouted } from './location.ts'

/** Before PostgreSQL 17 TLS has to be asked for, and a gateway that waits for it never hears the name. */
const firstWithDirectTls = 17

function offered(location: Location, images: readonly Image[]): readonly Image[] {
  return images.filter(({ major }) => !isRouted(location) || major >= firstWithDirectTls)
}

/** What a location offers. Kubernetes enforces all of it. */
export function capabilitiesOf(location: Location, images: readonly Image[]): Capabilities {
  const versions = offered(location, images)
  return {
    versions: versions.map(({ image, major, version }) => ({ major, version, source: image })),
    defaultVersion: versions[0]?.major ?? 0,
    maxInstances: location.maxInstances,
    storage: { minGib: 1, maxGib: location.maxStorageGib, defaultGib: Math.min(10, location.maxStorageGib), enforced: true, canGrow: location.storageGrows },
    cpu: { min: 0.1, max: location.maxCpu, default: Math.min(1, location.maxCpu), enforced: true },
    memory: { minMib: 256, maxMib: location.maxMemoryMib, defaultMib: Math.min(1024, location.maxMemoryMib), enforced: true },
    durability: location.maxInstances > 1 ? ['async', 'sync'] : ['async'],
    switchover: location.maxInstances > 1,
    hibernate: true,
    keepVolumes: true,
    branch: location.volumeSnapshotClass === undefined ? 'copy' : 'snapshot',
    backup: location.backups !== undefined,
    snapshot: location.volumeSnapshotClass !== undefined,
    drill: location.backups !== undefined,
    restoreInPlace: location.backups !== undefined,
    upgrade: location.backups !== undefined,
    pooler: false,
    // Behind a gateway every client has the gateway's address.
    allowedCidrs: !isRouted(location),
  }
}
