import type { Static } from 'typebox'
import { Type } from 'typebox'
import { BackupPolicy, BackupPolicyChange, From, LastDrill, Origin } from './backups.ts'
import { closed, Cursor, dictionary, DryRun, Id, Labels, Limit, Name, nullable, oneOf, page, Timestamp } from './common.ts'
import { MaintenanceWindow, MaintenanceWindowChange } from './maintenance.ts'
import { databaseActions, phases } from './phases.ts'

const Cidrs = Type.Array(
  Type.String({ maxLength: 43, description: 'IPv4 or IPv6 network in CIDR notation, such as 10.0.0.0/8' }),
  { maxItems: 64, uniqueItems: true, description: 'Networks that may connect. Empty: none but the platform itself' },
)
const parameterPattern = '^[a-z][a-z0-9_.]{0,62}$'
const Parameters = dictionary(
  Type.String({ maxLength: 1024 }),
  { keyPattern: parameterPattern, maxProperties: 200, description: 'PostgreSQL parameters in PostgreSQL\'s own notation: `{ "work_mem": "64MB" }`. The catalogue is at /parameters' },
)
const Extensions = Type.Array(Type.String({ pattern: '^[a-z][a-z0-9_-]{0,62}$' }), { maxItems: 100, uniqueItems: true, description: 'Extensions that are on. The catalogue is at /extensions' })
const StorageGib = Type.Integer({ minimum: 1, maximum: 65536 })
const Cpu = Type.Number({ minimum: 0.1, maximum: 256, description: 'Cores; fractions are allowed' })
const MemoryMib = Type.Integer({ minimum: 128, maximum: 4194304 })
const Instances = Type.Integer({ minimum: 1, maximum: 5, description: 'PostgreSQL servers: the primary and its replicas' })
const Durability = oneOf(['async', 'sync'], { description: '`sync`: a commit waits until one replica has it. While none is left, writes wait' })

export const DatabaseCreate = closed({
  name: Name,
  from: Type.Optional(From),
  location: Type.Optional(Type.String({ maxLength: 63, description: 'Default: the first location of /api/capabilities' })),
  labels: Type.Optional(Labels),
  version: Type.Optional(Type.Integer({ minimum: 10, maximum: 99, description: 'Major version of PostgreSQL' })),
  instances: Type.Optional(Instances),
  storageGib: Type.Optional(StorageGib),
  cpu: Type.Optional(Cpu),
  memoryMib: Type.Optional(MemoryMib),
  durability: Type.Optional(Durability),
  parameters: Type.Optional(Parameters),
  extensions: Type.Optional(Extensions),
  allowedCidrs: Type.Optional(Cidrs),
  backup: Type.Optional(BackupPolicyChange),
  maintenanceWindow: Type.Optional(MaintenanceWindowChange),
  expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'It is deleted then by itself. Default: never' })),
  deletionProtection: Type.Optional(Type.Boolean({ description: 'True: DELETE is refused. Default: false' })),
}, { title: 'DatabaseCreate', description: 'A name and nothing else is enough; everything has a good default, which /api/capabilities tells' })
export type DatabaseCreate = Static<typeof DatabaseCreate>

export const DatabaseUpdate = closed({
  labels: Type.Optional(Labels),
  instances: Type.Optional(Instances),
  storageGib: Type.Optional(StorageGib),
  cpu: Type.Optional(Cpu),
  memoryMib: Type.Optional(MemoryMib),
  durability: Type.Optional(Durability),
  parameters: Type.Optional(dictionary(
    nullable(Type.String({ maxLength: 1024 })),
    { keyPattern: parameterPattern, maxProperties: 200, description: 'Merged into what is set (RFC 7396): null resets one to its default' },
  )),
  extensions: Type.Optional(Extensions),
  allowedCidrs: Type.Optional(Cidrs),
  backup: Type.Optional(BackupPolicyChange),
  maintenanceWindow: Type.Optional(MaintenanceWindowChange),
  expiresAt: Type.Optional(nullable(Type.String({ format: 'date-time', description: 'null: it stays' }))),
  deletionProtection: Type.Optional(Type.Boolean()),
}, { title: 'DatabaseUpdate', description: 'Only what is named changes. Labels and lists are replaced, parameters are merged', minProperties: 1 })
export type DatabaseUpdate = Static<typeof DatabaseUpdate>

export const Member = closed({
  name: Type.String(),
  role: oneOf(['primary', 'replica']),
  phase: oneOf([
    'starting',
    'ready',
    'stopped',
    'failed',
  ]),
  lagBytes: nullable(Type.Integer({ description: 'Bytes of WAL that a replica has yet to show to who reads from it' })),
  lagSeconds: nullable(Type.Number({ description: 'The same as time' })),
}, { title: 'Member', description: 'One instance of a database' })

const SslNegotiation = Type.Literal('direct', { description: 'TLS begins with the first byte: the address is shared, and the name in it leads to the database. Clients need libpq 17 or newer, or a driver that knows `sslnegotiation`' })

export const DatabaseEndpoint = closed({
  host: Type.String(),
  port: Type.Integer(),
  readOnlyPort: Type.Optional(Type.Integer({ description: 'Leads to replicas, where there are any' })),
  tls: Type.Literal(true),
  sslNegotiation: Type.Optional(SslNegotiation),
}, { title: 'DatabaseEndpoint' })

export const Database = closed({
  id: Id,
  name: Name,
  project: Type.String(),
  location: Type.String(),
  managedBy: oneOf(['howdah', 'git']),
  from: nullable(Origin),
  labels: Labels,
  version: Type.Integer(),
  serverVersion: nullable(Type.String({ description: 'Full version of the running server, such as 18.4' })),
  instances: Type.Integer(),
  storageGib: Type.Integer(),
  cpu: nullable(Type.Number({ description: 'null: it is kept in Git, which neither asks for any nor sets a limit' })),
  memoryMib: nullable(Type.Integer({ description: 'null: as with cpu' })),
  durability: oneOf(['async', 'sync']),
  parameters: dictionary(Type.String()),
  extensions: Type.Array(Type.String()),
  allowedCidrs: Type.Array(Type.String()),
  backup: nullable(BackupPolicy),
  lastDrill: nullable(LastDrill),
  maintenanceWindow: MaintenanceWindow,
  expiresAt: nullable(Timestamp),
  undoUntil: nullable(Type.String({ format: 'date-time', description: 'Until then the last restore in place, reset or upgrade can be undone. null: there is none to undo' })),
  deletionProtection: Type.Boolean(),
  phase: oneOf(phases),
  reason: Type.String({ description: 'CamelCase word for programs; empty when all is well' }),
  message: Type.String({ description: 'Sentence for people; empty when all is well' }),
  since: Timestamp,
  allowedActions: Type.Array(oneOf(databaseActions), { description: 'What this phase allows, and whoever it is managed by' }),
  pendingRestart: Type.Array(Type.String(), { description: 'Parameters that wait for a restart' }),
  members: Type.Array(Member),
  endpoint: nullable(DatabaseEndpoint),
  storageUsedBytes: nullable(Type.Integer()),
  connections: nullable(Type.Integer({ description: 'Client connections now' })),
  operation: nullable(Type.String({ format: 'uuid', description: 'The newest operation that has not ended' })),
  scheduledOperation: nullable(Type.String({ format: 'uuid', description: 'The change that waits for the maintenance window' })),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  generation: Type.Integer({ description: 'Grows with each change of the spec; the ETag' }),
}, { title: 'Database' })
export type Database = Static<typeof Database>

export const DatabasePage = page(Database, 'DatabasePage')

export const DatabaseListQuery = closed({
  q: Type.Optional(Type.String({ maxLength: 100, description: 'Text that the name contains' })),
  phase: Type.Optional(Type.Array(oneOf(phases), { maxItems: 13, description: 'One of these phases; may be repeated' })),
  label: Type.Optional(Type.Array(Type.String({ maxLength: 127, pattern: '^[^=]+(=[^=]*)?$' }), { maxItems: 8, description: '`key=value` or `key`; all of them; may be repeated' })),
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Limit),
})

export const DatabaseParams = closed({
  name: Type.String({ maxLength: 63 }),
})
export const ChangeQuery = closed({ dryRun: DryRun })
export const DeleteQuery = closed({
  dryRun: DryRun,
  keepVolumes: Type.Optional(Type.Boolean({ default: false, description: 'True: its volumes stay where they are, for somebody with access to the location. No other database begins with what is in them, so its name is free again when they were removed' })),
})
export const UpdateQuery = closed({
  dryRun: DryRun,
  apply: Type.Optional(oneOf(['now', 'maintenance-window'], { default: 'now', description: '`maintenance-window`: the change waits, as an operation that can be cancelled, and is made then of what the database is by then. What is asked for while one waits goes along with it' })),
})
export const UpgradeQuery = closed({
  dryRun: DryRun,
  apply: Type.Optional(oneOf(['now', 'maintenance-window'], { default: 'now', description: '`maintenance-window`: it waits, as an operation that can be cancelled' })),
})
export const SwitchoverQuery = closed({
  dryRun: DryRun,
  to: Type.Optional(Type.String({ maxLength: 63, description: 'Name of the member that becomes the primary. Default: the replica that is furthest' })),
})

export const ConnectionFormats = closed({
  uri: Type.String(),
  psql: Type.String(),
  env: Type.String(),
  node: Type.String(),
  python: Type.String(),
  go: Type.String(),
  java: Type.String(),
  prisma: Type.String(),
  dotnet: Type.String(),
}, { title: 'ConnectionFormats', description: 'Ready to copy. `uri` works as it is on the machine that asked' })

export const Connection = closed({
  host: Type.String(),
  port: Type.Integer(),
  readOnlyPort: Type.Optional(Type.Integer()),
  database: Type.String(),
  user: Type.String(),
  password: Type.String(),
  tls: closed({
    mode: Type.Literal('verify-full'),
    caCertificate: Type.String({ description: 'PEM' }),
    sslNegotiation: Type.Optional(SslNegotiation),
  }),
  formats: ConnectionFormats,
}, { title: 'Connection', description: 'Holds a password: asking for it is audited' })
export type Connection = Static<typeof Connection>

export const ConnectionQuery = closed({
  role: Type.Optional(Type.String({ maxLength: 63, description: 'User of the database. Default: its owner' })),
  db: Type.Optional(Type.String({ maxLength: 63, description: 'Logical database. Default: the first one' })),
  format: Type.Optional(oneOf([
    'json',
    'uri',
    'psql',
    'env',
    'node',
    'python',
    'go',
    'java',
    'prisma',
    'dotnet',
  ], { default: 'json', description: 'Other than json: that one text, as text/plain' })),
})

export const Extension = closed({
  name: Type.String(),
  defaultVersion: Type.String(),
  installedVersion: nullable(Type.String()),
  enabled: Type.Boolean({ description: 'In the spec' }),
  description: Type.String(),
  requires: Type.Array(Type.String()),
  needsRestart: Type.Boolean(),
}, { title: 'Extension' })
export const ExtensionList = closed({
  items: Type.Array(Extension),
  nextCursor: Type.Null(),
}, { title: 'ExtensionList' })

export const Parameter = closed({
  name: Type.String(),
  value: Type.String(),
  default: Type.String(),
  isChanged: Type.Boolean(),
  type: oneOf([
    'bool',
    'enum',
    'integer',
    'real',
    'string',
  ]),
  unit: nullable(Type.String()),
  min: nullable(Type.Number()),
  max: nullable(Type.Number()),
  enumValues: nullable(Type.Array(Type.String())),
  needsRestart: Type.Boolean(),
  pendingRestart: Type.Boolean(),
  category: Type.String(),
  description: Type.String(),
}, { title: 'Parameter' })
export const ParameterList = closed({
  items: Type.Array(Parameter),
  nextCursor: Type.Null(),
}, { title: 'ParameterList' })
