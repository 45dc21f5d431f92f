import type { Capabilities } from './capabilities.ts'
import type { ExtensionObserved, ParameterObserved } from './resources.ts'

export const fakeCapabilities: Capabilities = {
  versions: [
    { major: 18, version: '18.4', source: 'fake' },
    { major: 17, version: '17.10', source: 'fake' },
  ],
  defaultVersion: 18,
  maxInstances: 3,
  storage: {
    minGib: 1,
    maxGib: 1024,
    defaultGib: 10,
    enforced: true,
    canGrow: true,
  },
  cpu: {
    min: 0.1,
    max: 8,
    default: 1,
    enforced: true,
  },
  memory: {
    minMib: 128,
    maxMib: 16_384,
    defaultMib: 512,
    enforced: true,
  },
  durability: ['async', 'sync'],
  switchover: true,
  hibernate: true,
  keepVolumes: true,
  branch: 'copy',
  snapshot: false,
  backup: true,
  drill: true,
  restoreInPlace: true,
  upgrade: true,
  pooler: false,
  allowedCidrs: true,
}

type FakeExtension = Omit<ExtensionObserved, 'installedVersion'>

export const fakeExtensions: readonly FakeExtension[] = [
  {
    name: 'cube',
    defaultVersion: '1.5',
    description: 'data type for multidimensional cubes',
    requires: [],
    needsRestart: false,
  },
  {
    name: 'earthdistance',
    defaultVersion: '1.2',
    description: 'distances on the surface of the Earth',
    requires: ['cube'],
    needsRestart: false,
  },
  {
    name: 'pgcrypto',
    defaultVersion: '1.4',
    description: 'cryptographic functions',
    requires: [],
    needsRestart: false,
  },
]

type FakeParameter = Omit<ParameterObserved, 'value' | 'isChanged' | 'pendingRestart'>

const integer = { type: 'integer', enumValues: null, needsRestart: false } as const

export const fakeParameters: readonly FakeParameter[] = [
  {
    ...integer,
    name: 'max_connections',
    default: '100',
    unit: null,
    min: 1,
    max: 262_143,
    needsRestart: true,
    category: 'Connections and Authentication / Connection Settings',
    description: 'Sets the maximum number of concurrent connections.',
  },
  {
    name: 'wal_compression',
    default: 'off',
    type: 'enum',
    unit: null,
    min: null,
    max: null,
    enumValues: ['off', 'on', 'lz4'],
    needsRestart: false,
    category: 'Write-Ahead Log / Settings',
    description: 'Compresses full-page writes written in WAL file with specified method.',
  },
  {
    ...integer,
    name: 'work_mem',
    default: '4MB',
    unit: 'kB',
    min: 64,
    max: 2_147_483_647,
    category: 'Resource Usage / Memory',
    description: 'Sets the maximum memory to be used for query workspaces.',
  },
]

/** The catalogue with those that are on, and what they need. */
export function fakeExtensionsOf(on: readonly string[]): ExtensionObserved[] {
  const isOn = new Set(on.flatMap(name => [name, ...fakeExtensions.find(extension => extension.name === name)?.requires ?? []]))
  return fakeExtensions.map(extension => ({ ...extension, installedVersion: isOn.has(extension.name) ? extension.defaultVersion : null }))
}

export function fakeParametersOf(set: Readonly<Record<string, string>>): ParameterObserved[] {
  return fakeParameters.map(parameter => ({
    ...parameter,
    value: set[parameter.name] ?? parameter.default,
    isChanged: Object.hasOwn(set, parameter.name),
    pendingRestart: false,
  }))
}
