import type { Static } from 'typebox'
import { Type } from 'typebox'
import { closed, oneOf } from './common.ts'

export const Health = closed({
  status: Type.Literal('ok'),
  version: Type.String(),
}, { title: 'Health' })

export const Ready = closed({
  status: oneOf(['ready', 'not-ready']),
  checks: Type.Array(closed({
    name: Type.String({ description: '`store`, or a location' }),
    ok: Type.Boolean(),
    message: Type.String(),
  })),
}, { title: 'Ready' })

function range(value: 'integer' | 'number') {
  const Value = value === 'integer'
    ? Type.Integer()
    : Type.Number()
  return closed({
    min: Value,
    max: Value,
    default: Value,
    enforced: Type.Boolean({ description: 'False: going over is reported, not prevented' }),
  })
}

export const Location = closed({
  name: Type.String(),
  available: Type.Boolean(),
  message: Type.String({ description: 'Why it is not available' }),
  versions: Type.Array(closed({
    major: Type.Integer(),
    version: Type.String(),
    source: Type.String(),
  })),
  defaultVersion: Type.Integer(),
  instances: range('integer'),
  storageGib: range('integer'),
  cpu: range('number'),
  memoryMib: range('integer'),
  durability: Type.Array(oneOf(['async', 'sync'])),
  switchover: Type.Boolean(),
  hibernate: Type.Boolean(),
  keepVolumes: Type.Boolean({ description: 'The volumes of a database that is deleted can stay' }),
  branch: oneOf(['none', 'copy', 'copy-on-write', 'snapshot'], { description: 'What a branch of the present moment is. `copy`: takes time in proportion to the size. `snapshot`: takes what the storage takes for a snapshot and a volume of it' }),
  backup: Type.Boolean(),
  snapshot: Type.Boolean({ description: 'A backup can be a snapshot of the volume' }),
  drill: Type.Boolean({ description: 'Backups are proved by restoring them' }),
  restoreInPlace: Type.Boolean({ description: 'A database can become what it was, and a branch what its parent is' }),
  upgrade: Type.Boolean({ description: 'A database can become any newer one of `versions`, after a rehearsal on a copy. `GET /api/databases/{name}/upgrade` has what one can become' }),
  pooler: Type.Boolean(),
  allowedCidrs: Type.Boolean(),
  defaultAllowedCidrs: Type.Array(Type.String()),
}, { title: 'Location', description: 'One place where databases run, and what it can do' })

export const Capabilities = closed({
  version: Type.String({ description: 'Howdah\'s own' }),
  locations: Type.Array(Location),
  namePattern: Type.String(),
  reservedNames: Type.Array(Type.String()),
}, { title: 'Capabilities', description: 'Enough to draw the create form' })
export type Capabilities = Static<typeof Capabilities>
