import type { Static } from 'typebox'
import { Type } from 'typebox'
import { closed, Identifier, nullable, oneOf, Timestamp } from './common.ts'

const itemPhases = [
  'creating',
  'ready',
  'updating',
  'deleting',
  'failed',
] as const

const Access = oneOf([
  'owner',
  'read-write',
  'read-only',
  'none',
], {
  description: '`owner`: acts as the database\'s owner. `read-write`, `read-only`: all data, now and later. `none`: grants are given in SQL',
})
const ConnectionLimit = Type.Integer({ minimum: -1, maximum: 10000, description: 'Most concurrent connections; -1: no limit of its own' })
/** Printable ASCII: what every driver sends unchanged, whatever its SASLprep. */
const Password = Type.String({
  minLength: 12,
  maxLength: 256,
  pattern: '^[ -~]*$',
  description: '12 to 256 printable ASCII characters',
})

export const DatabaseUserCreate = closed({
  name: Identifier,
  password: Type.Optional(Password),
  access: Type.Optional(Access),
  connectionLimit: Type.Optional(ConnectionLimit),
}, { title: 'DatabaseUserCreate', description: 'Without a password one is generated; GET …/connection?role= reveals it. Default access: read-write' })
export type DatabaseUserCreate = Static<typeof DatabaseUserCreate>

export const DatabaseUserUpdate = closed({
  password: Type.Optional(Password),
  access: Type.Optional(Access),
  connectionLimit: Type.Optional(ConnectionLimit),
}, { title: 'DatabaseUserUpdate', minProperties: 1 })
export type DatabaseUserUpdate = Static<typeof DatabaseUserUpdate>

export const DatabaseUser = closed({
  name: Type.String(),
  access: Access,
  connectionLimit: Type.Integer(),
  isOwner: Type.Boolean({ description: 'The database\'s own owner: made with it, rotated by rotate-credentials, cannot be dropped' }),
  phase: oneOf(itemPhases),
  message: Type.String(),
  sessions: nullable(Type.Integer({ description: 'Open now; null when the database cannot be asked' })),
  ownedDbs: Type.Array(Type.String()),
  operation: nullable(Type.String({ format: 'uuid' })),
  createdAt: Timestamp,
  updatedAt: Timestamp,
}, { title: 'DatabaseUser', description: 'A PostgreSQL role of a database' })
export type DatabaseUser = Static<typeof DatabaseUser>
export const DatabaseUserList = closed({
  items: Type.Array(DatabaseUser),
  nextCursor: Type.Null(),
}, { title: 'DatabaseUserList' })
export const DatabaseUserParams = closed({
  name: Type.String({ maxLength: 63 }),
  user: Type.String({ maxLength: 63 }),
})

export const DbCreate = closed({
  name: Identifier,
  owner: Type.Optional(Type.String({ maxLength: 63, description: 'A user of the database. Default: the database\'s owner' })),
}, { title: 'DbCreate' })
export type DbCreate = Static<typeof DbCreate>

export const Db = closed({
  name: Type.String(),
  owner: Type.String(),
  isMain: Type.Boolean({ description: 'Made with the database; cannot be dropped' }),
  phase: oneOf(itemPhases),
  message: Type.String(),
  sizeBytes: nullable(Type.Integer()),
  sessions: nullable(Type.Integer()),
  operation: nullable(Type.String({ format: 'uuid' })),
  createdAt: Timestamp,
}, { title: 'Db', description: 'A logical database: CREATE DATABASE' })
export type Db = Static<typeof Db>
export const DbList = closed({
  items: Type.Array(Db),
  nextCursor: Type.Null(),
}, { title: 'DbList' })
export const DbParams = closed({
  name: Type.String({ maxLength: 63 }),
  db: Type.String({ maxLength: 63 }),
})
