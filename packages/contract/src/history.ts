import type { Static } from 'typebox'
import { Type } from 'typebox'
import { closed, Cursor, dictionary, Id, Limit, nullable, oneOf, page, Timestamp } from './common.ts'
import { Database } from './databases.ts'
import { Operation } from './operations.ts'

export const AuditEntry = closed({
  id: Type.Integer({ description: 'Position in the project\'s chain, from 1, without gaps' }),
  at: Timestamp,
  actor: Type.String({ description: 'E-mail, API key name or `system`' }),
  actorKind: oneOf([
    'user',
    'api-key',
    'system',
    'anonymous',
  ]),
  project: Type.String(),
  action: Type.String({ description: 'Such as `databases.create`' }),
  target: Type.String({ description: 'Such as `database/orders` or `member/ada@example.org`' }),
  outcome: oneOf(['success', 'denied', 'failure']),
  sourceIp: nullable(Type.String()),
  userAgent: nullable(Type.String()),
  requestId: nullable(Type.String()),
  changes: dictionary(Type.Unknown(), { description: 'Field → { from, to }; never a secret' }),
  prevHash: Type.String(),
  hash: Type.String({ description: 'SHA-256 over the previous hash and this entry as canonical JSON (RFC 8785)' }),
}, { title: 'AuditEntry', description: 'Who did what to what, when, from where, with what outcome' })
export type AuditEntry = Static<typeof AuditEntry>
export const AuditPage = page(AuditEntry, 'AuditPage')

export const AuditQuery = closed({
  from: Type.Optional(Timestamp),
  to: Type.Optional(Timestamp),
  actor: Type.Optional(Type.String({ maxLength: 320 })),
  action: Type.Optional(Type.String({ maxLength: 100, description: 'Whole action, or its beginning with a final dot: `databases.`' })),
  target: Type.Optional(Type.String({ maxLength: 400 })),
  outcome: Type.Optional(oneOf(['success', 'denied', 'failure'])),
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Limit),
})

export const AuditVerification = closed({
  ok: Type.Boolean(),
  entries: Type.Integer({ description: 'How many were checked' }),
  headHash: Type.String({ description: 'Hash of the newest entry: keep it elsewhere to notice a chain that was replaced as a whole' }),
  firstBroken: nullable(closed({
    id: Type.Integer(),
    detail: Type.String(),
  })),
}, { title: 'AuditVerification' })

export const ServiceEvent = closed({
  id: Id,
  at: Timestamp,
  database: Type.String(),
  type: Type.String({ description: 'Such as `phase.changed` or `instance.exited`' }),
  severity: oneOf(['info', 'warning', 'error']),
  message: Type.String(),
  details: dictionary(Type.Unknown()),
}, { title: 'ServiceEvent', description: 'Something that happened to a database' })
export type ServiceEvent = Static<typeof ServiceEvent>
export const ServiceEventPage = page(ServiceEvent, 'ServiceEventPage')
export const ServiceEventQuery = closed({
  type: Type.Optional(Type.String({ maxLength: 100 })),
  severity: Type.Optional(oneOf(['info', 'warning', 'error'], { description: 'At least this' })),
  from: Type.Optional(Timestamp),
  to: Type.Optional(Timestamp),
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Limit),
})

export const LogRecord = closed({
  at: Timestamp,
  severity: oneOf([
    'DEBUG',
    'INFO',
    'NOTICE',
    'LOG',
    'WARNING',
    'ERROR',
    'FATAL',
    'PANIC',
  ]),
  member: Type.String(),
  message: Type.String(),
  user: nullable(Type.String()),
  database: nullable(Type.String()),
  pid: nullable(Type.Integer()),
  application: nullable(Type.String()),
  remoteHost: nullable(Type.String()),
  sqlState: nullable(Type.String()),
  statement: nullable(Type.String()),
  detail: nullable(Type.String()),
  hint: nullable(Type.String()),
  backendType: nullable(Type.String()),
}, { title: 'LogRecord', description: 'One record of PostgreSQL\'s own log' })
export type LogRecord = Static<typeof LogRecord>
export const LogPage = page(LogRecord, 'LogPage')
export const LogQuery = closed({
  from: Type.Optional(Timestamp),
  to: Type.Optional(Timestamp),
  severity: Type.Optional(oneOf([
    'DEBUG',
    'INFO',
    'NOTICE',
    'LOG',
    'WARNING',
    'ERROR',
    'FATAL',
    'PANIC',
  ], { description: 'At least this, in this order' })),
  contains: Type.Optional(Type.String({ maxLength: 200 })),
  member: Type.Optional(Type.String({ maxLength: 63, description: 'Instance that wrote it. Default: all of them, as one log' })),
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
})

/** One message of `GET /api/events`; its SSE `id:` is `id`, its `event:` is `kind`. */
export const StreamEvent = closed({
  id: Type.String({ description: 'For Last-Event-ID' }),
  at: Timestamp,
  kind: oneOf([
    'database',
    'database-deleted',
    'operation',
    'event',
    'reset',
  ], { description: '`reset`: the server cannot fill the gap since Last-Event-ID; read everything again' }),
  name: Type.String({ description: 'Name of the database' }),
  database: Type.Optional(Database),
  operation: Type.Optional(Operation),
  event: Type.Optional(ServiceEvent),
}, { title: 'StreamEvent' })
export type StreamEvent = Static<typeof StreamEvent>

/** What the lines of one message on a stream come to; `data` is JSON. */
export const ServerSentEvent = Type.Object({
  id: Type.Optional(Type.String()),
  event: Type.Optional(Type.String()),
  data: Type.Optional(Type.String({ description: 'JSON' })),
}, { title: 'ServerSentEvent', additionalProperties: true })
