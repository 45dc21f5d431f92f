import type { Capabilities } from './capabilities.ts'
import type { Refusal } from './plan.ts'
import type { DatabaseSpec } from './spec.ts'
import { refuseCidr } from './cidr.ts'
import { EngineError } from './errors.ts'
import { fakeExtensions, fakeParameters } from './fake-catalogue.ts'

/** What a fake location refuses, by the rules that every driver has. */
export function fakeRefusalsOf(spec: DatabaseSpec, before: DatabaseSpec | undefined, capabilities: Capabilities): Refusal[] {
  const { cpu, durability, maxInstances, memory, storage, versions } = capabilities
  const refusals: Refusal[] = []
  const refuse = (isRefused: boolean, pointer: string, detail: string): void => {
    if (isRefused)
      refusals.push({ pointer, detail })
  }
  const isOutside = (value: number, min: number, max: number): boolean => !(value >= min && value <= max)
  refuse(!versions.some(({ major }) => major === spec.version), '/version', `PostgreSQL ${spec.version} is not here.`)
  refuse(before !== undefined && before.version !== spec.version, '/version', 'A database stays on its major version.')
  refuse(isOutside(spec.instances, 1, maxInstances), '/instances', `It is between 1 and ${maxInstances}.`)
  refuse(!durability.includes(spec.durability), '/durability', `It is one of ${durability.join(', ')}.`)
  refuse(spec.durability === 'sync' && spec.instances < 2, '/durability', 'Synchronous durability needs a replica.')
  refuse(isOutside(spec.storageGib, storage.minGib, storage.maxGib), '/storageGib', `It is between ${storage.minGib} and ${storage.maxGib}.`)
  refuse(before !== undefined && spec.storageGib < before.storageGib, '/storageGib', 'Storage never shrinks.')
  refuse(isOutside(spec.memoryMib, memory.minMib, memory.maxMib), '/memoryMib', `It is between ${memory.minMib} and ${memory.maxMib}.`)
  refuse(isOutside(spec.cpu, cpu.min, cpu.max), '/cpu', `It is between ${cpu.min} and ${cpu.max}.`)
  refuse(isReserved(spec.owner.user), '/owner/user', `"${spec.owner.user}" is reserved.`)
  refuse(isReserved(spec.database), '/database', `"${spec.database}" is reserved.`)
  for (const [index, cidr] of spec.allowedCidrs.entries())
    refuse(refuseCidr(cidr) !== undefined, `/allowedCidrs/${index}`, `"${cidr}" is not a network.`)
  for (const [index, name] of spec.extensions.entries())
    refuse(!fakeExtensions.some(extension => extension.name === name), `/extensions/${index}`, `There is no extension "${name}" here.`)
  for (const [name, value] of Object.entries(spec.parameters))
    refuse(!isValidParameter(name, value), `/parameters/${name}`, `"${value}" is no value that ${name} can have here.`)
  return refusals
}

function isValidParameter(name: string, value: string): boolean {
  const parameter = fakeParameters.find(candidate => candidate.name === name)
  if (parameter?.type === 'enum')
    return parameter.enumValues?.includes(value) ?? false
  const [, digits, unit = ''] = /^(\d+)(kB|MB|GB)?$/.exec(value) ?? []
  if (!parameter || digits === undefined || (unit !== '' && parameter.unit === null))
    return false
  const number = Number(digits) * ({ MB: 1024, GB: 1024 ** 2 }[unit] ?? 1)
  return number >= (parameter.min ?? 0) && number <= (parameter.max ?? Number.POSITIVE_INFINITY)
}

function isReserved(name: string): boolean {
  return ['postgres', 'template0', 'template1'].includes(name) || /^(?:pg_|howdah_)/.test(name)
}

/** Throws for a name that no role and no logical database may have. */
export function refuseFakeName(name: string): void {
  const bytes = new TextEncoder().encode(name).length
  if (isReserved(name))
    throw new EngineError('invalid', `"${name}" is reserved.`, { pointer: '/name' })
  if (bytes < 1 || bytes > 63 || /\p{Cc}/u.test(name))
    throw new EngineError('invalid', 'A name has 1 to 63 bytes and no control characters.', { pointer: '/name' })
}
