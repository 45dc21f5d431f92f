import type { Static } from 'typebox'
import { Type } from 'typebox'
import { closed, Id, nullable, oneOf, Timestamp } from './common.ts'

const Version = Type.Integer({ minimum: 1, maximum: 99, description: 'Major version of PostgreSQL. The one that it has already: the newest minor of it' })

export const UpgradeRehearse = closed({ version: Version }, { title: 'UpgradeRehearse' })
export type UpgradeRehearse = Static<typeof UpgradeRehearse>

export const UpgradeOrder = closed({
  version: Version,
  undoUntil: Type.Optional(Type.String({ format: 'date-time', description: 'Until then what it was is kept, where the major version is another one. Default: for 24 hours after it; at most 30 days' })),
}, { title: 'UpgradeOrder' })
export type UpgradeOrder = Static<typeof UpgradeOrder>

export const UpgradeReport = closed({
  rehearsal: Id,
  at: Timestamp,
  from: Type.String({ description: 'Full version, such as 14.23' }),
  to: Type.String(),
  outcome: oneOf(['passed', 'failed']),
  message: Type.String({ description: 'What was wrong; empty when nothing was' }),
  interruptionMs: nullable(Type.Integer({ description: 'How long nobody could connect; null when it did not come so far' })),
  databases: Type.Integer({ description: 'Logical databases in it' }),
  tables: Type.Integer(),
  rows: Type.Integer({ description: 'Counted before and after' }),
  extensions: Type.Array(closed({ name: Type.String(), from: Type.String(), to: Type.String() }, { title: 'UpgradedExtension' })),
  planner: Type.Array(closed({ name: Type.String(), from: nullable(Type.String()), to: nullable(Type.String()) }, { title: 'ChangedDefault' }), { description: 'What queries are planned with, and is another default in the new version; null where a version does not have it' }),
  checks: Type.Array(closed({ name: Type.String(), outcome: oneOf(['passed', 'failed']), detail: Type.String() }, { title: 'UpgradeCheck' })),
}, { title: 'UpgradeReport', description: 'What an upgrade of a copy of the database found' })
export type UpgradeReport = Static<typeof UpgradeReport>

export const Upgrade = closed({
  version: Type.Integer(),
  serverVersion: nullable(Type.String({ description: 'Full version of the running server' })),
  available: Type.Array(closed({ major: Type.Integer(), version: Type.String() }, { title: 'UpgradeTarget' }), { description: 'Versions that it can become, newest first' }),
  rehearsal: nullable(UpgradeReport),
}, { title: 'Upgrade', description: 'What a database can be upgraded to, and what the last rehearsal found' })
export type Upgrade = Static<typeof Upgrade>
