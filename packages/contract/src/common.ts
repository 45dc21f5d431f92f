import type { Static, TObject, TSchema } from 'typebox'
import { Type } from 'typebox'
import { errorCodes } from './errors.ts'

/** An object that refuses unknown fields: a mistyped field is an error, not a silence. */
export function closed<T extends Parameters<typeof Type.Object>[0]>(properties: T, options: { title?: string, description?: string, minProperties?: number } = {}) {
  return Type.Object(properties, { additionalProperties: false, ...options })
}

export function nullable<T extends TSchema>(schema: T) {
  return Type.Union([
    schema,
    Type.Null(),
  ])
}

export function oneOf<const T extends readonly string[]>(values: T, options: { description?: string, default?: T[number] } = {}) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options })
}

/**
 * An object with free keys, as `additionalProperties` and `propertyNames`: generators of clients know these, and do
 * not know `patternProperties`, which the schema library would write.
 */
export function dictionary<T extends TSchema>(value: T, options: { keyPattern?: string, maxProperties?: number, description?: string } = {}) {
  const { keyPattern, ...rest } = options
  return Type.Unsafe<Record<string, Static<T>>>({
    type: 'object',
    additionalProperties: value,
    ...(keyPattern
      ? {
          propertyNames: { pattern: keyPattern },
        }
      : {}),
    ...rest,
  })
}

export const Timestamp = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' })
export const Id = Type.String({ format: 'uuid' })

/** DNS label of 1 to 40 characters: lower-case letters, digits and hyphens, a letter first, no hyphen last. */
export const namePattern = '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$'
export const Name = Type.String({
  pattern: namePattern,
  minLength: 1,
  maxLength: 40,
  description: 'DNS label: a letter, then letters, digits and hyphens; lower case; 1 to 40 characters',
})

/** Names that a database cannot have: they would collide with words of the API, of Kubernetes or of PostgreSQL. */
export const reservedNames: readonly string[] = [
  'postgres',
  'template0',
  'template1',
  'howdah',
  'default',
  'all',
  'new',
  'system',
  'public',
  'admin',
  'root',
  'api',
  'kube-system',
  'kube-public',
]

/** A PostgreSQL role or logical database of the user's: what needs no quoting anywhere. */
export const identifierPattern = '^[a-z_][a-z0-9_-]{0,62}$'
export const Identifier = Type.String({
  pattern: identifierPattern,
  minLength: 1,
  maxLength: 63,
  description: 'Lower-case letters, digits, _ and -; a letter or _ first; 1 to 63 characters; not pg_… and not howdah_…',
})

export const labelKeyPattern = '^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$'
export const Labels = dictionary(
  Type.String({ maxLength: 63, pattern: '^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$' }),
  { keyPattern: labelKeyPattern, maxProperties: 32, description: 'Up to 32; keys and values as Kubernetes has them, values up to 63 characters' },
)

export const Cursor = Type.String({ maxLength: 512, description: 'Opaque; from `nextCursor` of the page before' })
export const Limit = Type.Integer({
  minimum: 1,
  maximum: 200,
  default: 50,
  description: 'Most items in the page',
})

/** The envelope of every list. `nextCursor` is null on the last page. */
export function page<T extends TSchema & { title?: string }>(item: T, title: string) {
  return closed({
    items: Type.Array(item),
    nextCursor: nullable(Type.String()),
  }, { title })
}

export const FieldProblem = closed({
  pointer: Type.String({ description: 'JSON pointer of the field in the body; `?name` for a query parameter; `#name` for a header' }),
  detail: Type.String({ description: 'What was wrong and what would be right' }),
}, { title: 'FieldProblem' })

/** RFC 9457. */
export const Problem = closed({
  type: Type.String({ description: 'Address of the page that explains the code' }),
  title: Type.String(),
  status: Type.Integer(),
  code: oneOf(errorCodes),
  detail: Type.String({ description: 'What happened this time, and the next step' }),
  requestId: Type.String({ description: 'Also in the server\'s log' }),
  errors: Type.Optional(Type.Array(FieldProblem)),
}, { title: 'Problem', description: 'RFC 9457 problem' })
export type Problem = Static<typeof Problem>

/** Query of every change: answer what it would do, and do nothing. */
export const DryRun = Type.Optional(Type.Boolean({ default: false, description: 'Answer with a plan of what the request would do; change nothing' }))

export const Plan = closed({
  dryRun: Type.Literal(true),
  operation: nullable(Type.String({ description: 'Type of the operation that would run; null when nothing would change' })),
  steps: Type.Array(Type.String()),
  interruption: oneOf(['none', 'reload', 'restart'], { description: '`restart`: client connections are cut once' }),
  reasons: Type.Array(Type.String(), { description: 'Why it interrupts, in sentences' }),
  notBefore: Type.Optional(Type.String({ format: 'date-time', description: 'When it would begin; missing: at once' })),
}, { title: 'Plan', description: 'What a change would do' })
export type Plan = Static<typeof Plan>

export type { Static, TObject, TSchema }
export { Type }
