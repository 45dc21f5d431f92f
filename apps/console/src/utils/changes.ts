/** One field that differs. */
export interface Change {
  readonly field: string
  readonly from: unknown
  readonly to: unknown
}

/** What differs between two versions, looking one level into objects (labels, parameters). */
export function changesBetween(before: object, after: object, fields: readonly string[]): Change[] {
  const [a, b] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  return fields.flatMap(field => changesOf(field, a.get(field), b.get(field)))
}

/** The changes of an audit entry: field → { from, to }. */
export function auditedChanges(changes: Readonly<Record<string, unknown>>): Change[] {
  return Object.entries(changes).flatMap(([field, change]) =>
    isObject(change) && ('from' in change || 'to' in change)
      ? changesOf(field, change.from ?? null, change.to ?? null)
      : [{ field, from: null, to: change }])
}

function changesOf(field: string, from: unknown, to: unknown): Change[] {
  if (JSON.stringify(from) === JSON.stringify(to))
    return []
  if (!isObject(from) || !isObject(to))
    return [{ field, from, to }]
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .flatMap(key => JSON.stringify(from[key]) === JSON.stringify(to[key]) ? [] : [{ field: `${field}.${key}`, from: from[key] ?? null, to: to[key] ?? null }])
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function shownValue(value: unknown): string {
  if (value === null || value === undefined || value === '')
    return '–'
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map(shownValue).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
