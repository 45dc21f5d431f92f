import type { FieldError } from '../domain/errors.ts'

/** No more than this many are told; each of them is as wrong as the others. */
const mostTold = 10

/**
 * Texts that PostgreSQL cannot hold or that would come back as another text: with a NUL, or with half of a surrogate
 * pair. JSON and percent-encoding can carry them, so every text that comes in is looked at, keys included.
 */
export function unstorable(value: unknown, pointer = ''): FieldError[] {
  if (typeof value === 'string')
    return isStorable(value) ? [] : [{ pointer, detail: 'Must not contain NUL characters or half of a surrogate pair' }]
  if (typeof value !== 'object' || value === null)
    return []
  return Object.entries(value).flatMap(([key, item]) => isStorable(key)
    ? unstorable(item, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    : [{ pointer, detail: 'A field name must not contain NUL characters or half of a surrogate pair' }]).slice(0, mostTold)
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}
