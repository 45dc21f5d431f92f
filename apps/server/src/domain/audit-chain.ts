import { hash } from 'node:crypto'

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
  const { action, actor, actorKind, at, changes, id, outcome, project, requestId, sourceIp, target, userAgent } = entry
  // The keys of an entry are known, so only those of its changes have to be sorted: that halves the time of a verification.
  const before = JSON.stringify({ action, actor, actorKind, at })
  const after = JSON.stringify({ id, outcome, project, requestId, sourceIp, target, userAgent })
  return hash('sha256', `${prevHash}\n${before.slice(0, -1)},"changes":${canonicalJson(changes)},${after.slice(1)}`, 'hex')
}

/** RFC 8785: keys in UTF-16 order, no white space, numbers and strings as ECMAScript writes them. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return JSON.stringify(value ?? null)
  if (Array.isArray(value))
    return `[${value.map(canonicalJson).join(',')}]`
  const fields = value as Record<string, unknown>
  let text = ''
  for (const key of Object.keys(fields).sort()) {
    const item = fields[key]
    if (item !== undefined)
      text += `${text && ','}${JSON.stringify(key)}:${canonicalJson(item)}`
  }
  return `{${text}}`
}
