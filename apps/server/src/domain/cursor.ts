import { Buffer } from 'node:buffer'
import { invalid } from './errors.ts'

/** Opaque to clients: the sort key of the page's last item. The prefix lets a later release change the form. */
const prefix = 'v1:'

export function encodeCursor(key: string | number): string {
  return Buffer.from(`${prefix}${key}`).toString('base64url')
}

export function decodeCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined)
    return undefined
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  // A NUL reaches no text of PostgreSQL's, so no cursor of ours has one.
  if (!text.startsWith(prefix) || text.includes('\0'))
    throw invalid('?cursor', 'Must be nextCursor of the page before')
  return text.slice(prefix.length)
}

/** A cursor whose key is a position. */
export function decodePosition(cursor: string | undefined): number | undefined {
  const key = decodeCursor(cursor)
  if (key === undefined)
    return undefined
  if (!/^\d{1,15}$/.test(key))
    throw invalid('?cursor', 'Must be nextCursor of the page before')
  return Number(key)
}

/** Cuts the one row too many that was asked for to learn whether there is a next page. */
export function pageOf<T>(rows: readonly T[], limit: number, cursorOf: (row: T) => string): { rows: T[], nextCursor: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null }
}
