import type { Capabilities, DatabaseSpec, Refusal } from '@howdah/engine'
import type { Catalogue, Setting } from './catalogue.ts'
import { refuseCidr } from '@howdah/engine'
import { refuseDatabaseName, refuseRoleName } from './names.ts'
import { isForUsers } from './parameter-catalogue.ts'
import { refuseValue } from './parameter-value.ts'
import { isExcludedExtension } from './untrusted.ts'

/** Why a spec cannot be brought into effect here; empty when it can. */
export function refusalsOf(spec: DatabaseSpec, place: {
  readonly capabilities: Capabilities
  readonly catalogue: Catalogue
  readonly major: number | undefined
  /** What of the database is in effect and stays. */
  readonly applied: { readonly database: string, readonly owner: string, readonly storageGib: number } | undefined
}): Refusal[] {
  const { applied, capabilities } = place
  const refusals: Refusal[] = []
  const refuse = (pointer: string, detail: string | undefined | false): void => {
    if (detail)
      refusals.push({ pointer, detail })
  }
  refuse('/version', place.major !== undefined && place.major !== spec.version && `A database stays on its major version; this one is on ${place.major}.`)
  refuse('/version', !capabilities.versions.some(({ major }) => major === spec.version) && `PostgreSQL ${spec.version} is not here. There is ${capabilities.versions.map(({ major }) => major).join(', ')}.`)
  refuse('/instances', (spec.instances < 1 || spec.instances > capabilities.maxInstances) && `Here a database has ${capabilities.maxInstances === 1 ? '1 instance' : `1 to ${capabilities.maxInstances} instances`}.`)
  refuse('/durability', !capabilities.durability.includes(spec.durability) && 'Synchronous durability needs a replica, and there are none here.')
  refuse('/durability', spec.durability === 'sync' && capabilities.durability.includes('sync') && spec.instances < 2 && 'Synchronous durability needs a replica: ask for at least 2 instances.')
  refuse('/from', spec.from !== undefined && capabilities.branch === 'none' && !capabilities.backup && 'Here a database cannot begin as a copy of another one.')
  refuseNumber('/storageGib', spec.storageGib, capabilities.storage.minGib, capabilities.storage.maxGib)
  refuseNumber('/memoryMib', spec.memoryMib, capabilities.memory.minMib, capabilities.memory.maxMib)
  refuseNumber('/cpu', spec.cpu, capabilities.cpu.min, capabilities.cpu.max)
  refuse('/storageGib', applied !== undefined && spec.storageGib < applied.storageGib && `Storage never shrinks; it is ${applied.storageGib} GiB.`)
  refuse('/storageGib', applied !== undefined && !capabilities.storage.canGrow && spec.storageGib > applied.storageGib && `Volumes cannot grow here; it stays at ${applied.storageGib} GiB.`)
  refuse('/database', refuseDatabaseName(spec.database) ?? (applied && applied.database !== spec.database && 'The first logical database keeps its name.'))
  refuse('/owner/user', refuseRoleName(spec.owner.user) ?? (applied && applied.owner !== spec.owner.user && 'The owner keeps its name.'))
  for (const [index, cidr] of spec.allowedCidrs.entries())
    refuse(`/allowedCidrs/${index}`, refuseCidr(cidr))
  const available = new Set(place.catalogue.extensions.map(extension => extension.name))
  for (const [index, name] of spec.extensions.entries())
    refuse(`/extensions/${index}`, (!available.has(name) || isExcludedExtension(name)) && `There is no extension "${name}" for PostgreSQL ${spec.version} here.`)
  const settings = new Map(place.catalogue.settings.filter(isForUsers).map(setting => [setting.name, setting]))
  for (const [name, value] of Object.entries(spec.parameters)) {
    const setting = settings.get(name)
    refuse(`/parameters/${escapePointer(name)}`, setting
      ? refuseValue(setting, value) ?? refuseMoreThanMemory(setting, value, spec.memoryMib)
      : `There is no parameter "${name}" that can be set here.`)
  }
  return refusals

  function refuseNumber(pointer: string, value: number, min: number, max: number): void {
    refuse(pointer, !(value >= min && value <= max) && `It is between ${min} and ${max}.`)
  }
}

/** A server that is allowed to overcommit starts with any size, and takes the machine's memory from everybody else. */
function refuseMoreThanMemory(setting: Setting, value: string, memoryMib: number): string | undefined {
  return setting.name === 'shared_buffers' && refuseValue({ ...setting, max_val: String(memoryMib * 1024 / 8) }, value) !== undefined
    ? `The database's memory, ${memoryMib} MiB, is the most that it can be.`
    : undefined
}

/** RFC 6901. */
function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
