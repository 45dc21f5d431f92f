import type { Static } from 'typebox'
import { Type } from 'typebox'
import { closed, nullable, oneOf } from './common.ts'

export const SchemaDiffQuery = closed({
  against: Type.Optional(Type.String({ maxLength: 63, description: 'The other database. Default: the one that it began as' })),
  db: Type.Optional(Type.String({ maxLength: 63, description: 'Logical database of both. Default: the first one' })),
})

export const SchemaChange = closed({
  change: oneOf(['added', 'removed', 'changed']),
  kind: Type.String({ description: 'Such as table, index, function' }),
  schema: Type.String({ description: 'Empty for what is in none' }),
  name: Type.String(),
  before: nullable(Type.String({ description: 'Its text in the other database' })),
  after: nullable(Type.String({ description: 'Its text in this one' })),
}, { title: 'SchemaChange' })
export type SchemaChange = Static<typeof SchemaChange>

export const SchemaDiff = closed({
  database: Type.String(),
  against: Type.String(),
  db: Type.String(),
  changes: Type.Array(SchemaChange),
}, { title: 'SchemaDiff', description: 'What of the schema of a database is otherwise than in another one' })
export type SchemaDiff = Static<typeof SchemaDiff>
