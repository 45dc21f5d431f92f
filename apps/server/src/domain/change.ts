import type { NewAuditEntry } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import type { Caller, Origin } from './caller.ts'
import type { Domain } from './domain.ts'
import { append } from '../store/append.ts'
import { lockChain } from '../store/audit.ts'
import { chainHash } from './audit-chain.ts'

export interface AuditNote {
  /** Such as `databases.create`. */
  readonly action: string
  /** Such as `database/orders`. */
  readonly target: string
  readonly outcome?: 'success' | 'denied' | 'failure'
  /** Field → { from, to }. Never a secret: say that it changed, not to what. */
  readonly changes?: Readonly<Record<string, unknown>>
}

/** What the project's readers of `GET /api/events` are told. `refId`: the operation's or the service event's id. */
export interface StreamNote {
  readonly kind: 'database' | 'database-deleted' | 'operation' | 'event'
  readonly name: string
  readonly refId?: string
}

/** Who is written down. A worker acts for nobody: it is `system`. */
export interface Actor {
  readonly label: string
  readonly kind: 'user' | 'api-key' | 'system' | 'anonymous'
  readonly origin: Origin
}

export const system: Actor = {
  label: 'system',
  kind: 'system',
  origin: { requestId: null, sourceIp: null, userAgent: null },
}

export function actorOf(caller: Caller): Actor {
  return { label: caller.principal.label, kind: caller.principal.kind, origin: caller.origin }
}

/** One transaction of the store, with what has to be written together with it. */
export interface Change {
  readonly tx: Tx
  audit: (note: AuditNote) => void
  announce: (note: StreamNote) => void
  /** Call the workers after the commit. */
  wakeWorker: () => void
}

/** Hooks around a change that has to be done once: at the beginning of its transaction and at its end. */
export interface Remember<T> {
  readonly begin: (tx: Tx) => Promise<void>
  readonly finish: (tx: Tx, value: T) => Promise<void>
}

/**
 * Runs `work` in one transaction, then appends its audit entries and announcements in the same transaction. So
 * nothing is done unaudited and nothing is told that was not done.
 *
 * The project's chain is locked last and briefly: changes of one project queue only for their commit.
 */
export async function change<T>(domain: Domain, project: { id: string, name: string }, actor: Actor, work: (change: Change) => Promise<T>, remember?: Remember<T>): Promise<T> {
  let wakes = false
  const result = await domain.store.db.transaction().execute(async (tx) => {
    const audits: AuditNote[] = []
    const announcements: StreamNote[] = []
    await remember?.begin(tx)
    const value = await work({
      tx,
      audit: note => void audits.push(note),
      announce: note => void announcements.push(note),
      wakeWorker: () => void (wakes = true),
    })
    await remember?.finish(tx, value)
    if (audits.length > 0 || announcements.length > 0 || wakes)
      await append(tx, project.id, { entries: await chained(tx, project, actor, audits), notes: announcements, work: wakes ? domain.id : undefined })
    return value
  })
  if (wakes)
    domain.wake()
  return result
}

/** The entries as the next ones of the project's chain, which is locked from here on. */
async function chained(tx: Tx, project: { id: string, name: string }, actor: Actor, audits: readonly AuditNote[]): Promise<NewAuditEntry[]> {
  const head = await lockChain(tx, project.id)
  let prevHash = head.hash
  return audits.map((note, index) => {
    const entry = {
      id: head.id + index + 1,
      at: new Date().toISOString(),
      actor: actor.label,
      actorKind: actor.kind,
      project: project.name,
      action: note.action,
      target: note.target,
      outcome: note.outcome ?? 'success',
      sourceIp: actor.origin.sourceIp,
      userAgent: actor.origin.userAgent,
      requestId: actor.origin.requestId,
      changes: note.changes ?? {},
    }
    const hash = chainHash(prevHash, entry)
    const row = { ...entry, prevHash, hash }
    prevHash = hash
    return row
  })
}
