import type { Capabilities } from '@howdah/contract'
import type { LocationState } from '../../domain/locations.ts'
import { namePattern, reservedNames } from '@howdah/contract'
import { defaultAllowedCidrs } from '../../domain/create-database.ts'

type Location = Capabilities['locations'][number]

const nothing = { min: 0, max: 0, default: 0, enforced: false }

/** Of a location that has never answered. */
const unknown: Omit<Location, 'name' | 'available' | 'message'> = {
  versions: [],
  defaultVersion: 0,
  instances: nothing,
  storageGib: nothing,
  cpu: nothing,
  memoryMib: nothing,
  durability: [],
  switchover: false,
  hibernate: false,
  keepVolumes: false,
  branch: 'none',
  backup: false,
  snapshot: false,
  drill: false,
  restoreInPlace: false,
  upgrade: false,
  pooler: false,
  allowedCidrs: false,
  defaultAllowedCidrs: [],
}

export function capabilitiesView(version: string, locations: readonly LocationState[]): Capabilities {
  return {
    version,
    locations: locations.map(locationView),
    namePattern,
    reservedNames: [...reservedNames],
  }
}

function locationView({ name, capabilities, problem }: LocationState): Location {
  const availability = { name, available: problem === undefined, message: problem ?? '' }
  if (!capabilities)
    return { ...availability, ...unknown }
  const { versions, defaultVersion, maxInstances, storage, cpu, memory, durability, switchover, hibernate, keepVolumes, branch, backup, snapshot, drill, restoreInPlace, upgrade, pooler, allowedCidrs } = capabilities
  return {
    ...availability,
    versions: versions.map(({ major, version, source }) => ({ major, version, source })),
    defaultVersion,
    instances: { min: 1, max: maxInstances, default: 1, enforced: true },
    storageGib: { min: storage.minGib, max: storage.maxGib, default: storage.defaultGib, enforced: storage.enforced },
    cpu: { min: cpu.min, max: cpu.max, default: cpu.default, enforced: cpu.enforced },
    memoryMib: { min: memory.minMib, max: memory.maxMib, default: memory.defaultMib, enforced: memory.enforced },
    durability: [...durability],
    switchover,
    hibernate,
    keepVolumes,
    branch,
    backup,
    snapshot,
    drill,
    restoreInPlace,
    upgrade,
    pooler,
    allowedCidrs,
    defaultAllowedCidrs: allowedCidrs ? [...defaultAllowedCidrs] : [],
  }
}
