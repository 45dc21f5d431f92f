import { createHash } from 'node:crypto'

/** What an audit entry's hash covers, in the wire's words. */
export interface HashedEntry {
  readonly id: number
  readonly at: string
  readonly actor: string
  readonly actorKind: string
  readonly project: string
  readonly action: string
  readonly target: string
  readonly outcome: string
  readonly sourceIp: string | null
  readonly userAgent: string | null
  readonly requestId: string | null
  readonly changes: unknown
}

/**
 * SHA-256 over the previous hash and the entry as canonical JSON, in hex. Anybody can compute it again from what
 * `GET /api/audit/logs` answers.
 */
export function chainHash(prevHash: string, entry: HashedEntry): string {
  return createHash('sha256').update(prevHash).update('\n').update(canonicalJson(entry)).digest('hex')
}

/** RFC 8785: keys in UTF-16 order, no white space, numbers and strings as ECMAScript writes them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null)
    return JSON.stringify(value ?? null)
  const fields = Object.entries(value).filter(([, item]) => item !== undefined).sort(([a], [b]) => a < b
    ? -1
    : 1)
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}
