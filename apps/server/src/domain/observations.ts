import type { DatabaseRef, Notification, Observed, ServiceEvent } from '@howdah/engine'
import type { DatabaseRow } from '../store/databases.ts'
import type { StoredMember, StoredObserved } from '../store/schema.ts'
import type { Domain } from './domain.ts'
import { deleteDatabase, findDatabaseById, lockDatabaseById, updateDatabase } from '../store/databases.ts'
import { insertServiceEvent } from '../store/service-events.ts'
import { canonicalJson } from './audit-chain.ts'
import { change, system } from './change.ts'
import { engineOf } from './database-spec.ts'
import { settle } from './settle.ts'

/** Reason of a database that its location no longer has. */
const missing = 'Missing'

export function storedObserved(observed: Observed): StoredObserved {
  return {
    phase: observed.phase,
    reason: observed.reason,
    message: observed.message,
    since: observed.since.toISOString(),
    members: observed.members.map(member => ({ ...member })),
    endpoint: observed.endpoint ? { ...observed.endpoint } : null,
    serverVersion: observed.serverVersion ?? null,
    storageUsedBytes: observed.storageUsedBytes ?? null,
    connections: observed.connections ?? null,
    transactionsPerSecond: observed.transactionsPerSecond ?? null,
    generation: observed.generation,
    pendingRestart: [...observed.pendingRestart],
    undo: observed.undo ? { id: observed.undo.id, until: observed.undo.until.toISOString(), version: observed.undo.version } : null,
  }
}

/**
 * Takes in what an engine says. Several processes may hear the same; the row's lock and the comparison make it one.
 * `newest`: what was heard since about the same database. It is asked once the row is locked, because whoever held
 * the lock before may have written something newer than this notification (reconcile/finish.ts does).
 */
export async function take(domain: Domain, notification: Notification, newest?: () => Observed | undefined): Promise<void> {
  if (notification.kind === 'observed')
    await takeObserved(domain, notification.observed, newest)
  else if (notification.kind === 'event')
    await takeEvent(domain, notification.event)
  else
    await takeGone(domain, notification.ref)
}

async function takeObserved(domain: Domain, observed: Observed, newest: () => Observed | undefined = () => undefined): Promise<void> {
  const seen = await findDatabaseById(domain.store.db, observed.ref.id)
  if (!seen || isBeingMade(seen) || same(seen.observed, storedObserved(observed)))
    return
  const project = { id: seen.project_id, name: observed.ref.project }
  await change(domain, project, system, async (change) => {
    const row = await lockDatabaseById(change.tx, observed.ref.id)
    const next = storedObserved(newest() ?? observed)
    if (!row || isBeingMade(row) || same(row.observed, next))
      return
    const columns = { observed: JSON.stringify(next) }
    // Sizes and counts move all the time; they are kept, but nobody is called for them.
    if (row.observed && same(quiet(row.observed), quiet(next)))
      await updateDatabase(change.tx, row.id, columns)
    else
      await settle(change, project, row, columns)
  })
}

/** Until its create ends nothing of it is anybody's yet, and that end writes what is there (reconcile/finish.ts). */
function isBeingMade(row: Pick<DatabaseRow, 'phase' | 'operation_id'>): boolean {
  return row.phase === 'provisioning' && row.operation_id !== null
}

/** Without what moves all the time. */
function quiet(observed: StoredObserved): StoredObserved {
  return { ...observed, storageUsedBytes: null, connections: null, transactionsPerSecond: null, members: observed.members.map(roughly) }
}

/** That a replica has all, or lacks some, is news, and so is twice or half as much; each byte in between is not. Nor is less than a second. */
function roughly(member: StoredMember): StoredMember {
  return { ...member, lagBytes: magnitude(member.lagBytes), lagSeconds: magnitude(member.lagSeconds) }
}

function magnitude(value: number | null): number | null {
  if (value === null)
    return null
  return value < 1 ? 0 : Math.floor(Math.log2(value)) + 1
}

function same(a: StoredObserved | null, b: StoredObserved): boolean {
  // The store keeps the keys of an object in an order of its own.
  return a !== null && canonicalJson(a) === canonicalJson(b)
}

async function takeEvent(domain: Domain, event: ServiceEvent): Promise<void> {
  const row = await findDatabaseById(domain.store.db, event.ref.id)
  if (!row)
    return
  const project = { id: row.project_id, name: event.ref.project }
  await change(domain, project, system, async (change) => {
    const id = await insertServiceEvent(change.tx, {
      projectId: row.project_id,
      databaseId: row.id,
      databaseName: row.name,
      at: event.at,
      type: event.type,
      severity: event.severity,
      message: event.message,
      details: event.details,
    })
    change.announce({ kind: 'event', name: row.name, refId: id })
    // What the platform does to a server by itself is somebody's deed too.
    if (event.type.startsWith('instance.'))
      change.audit({ action: event.type, target: `database/${row.name}`, outcome: event.severity === 'info' ? 'success' : 'failure', changes: { ...event.details } })
  })
}

/** The engine has nothing of that id any more. Unless somebody is at work on it, that is a loss, and it shows. */
async function takeGone(domain: Domain, ref: DatabaseRef): Promise<void> {
  const { id } = ref
  const seen = await findDatabaseById(domain.store.db, id)
  // It may have been made between the look that missed it and now.
  if (!seen || await engineOf(domain, seen.location).observe(ref))
    return
  const project = { id: seen.project_id }
  await change(domain, { ...project, name: '' }, system, async (change) => {
    const row = await lockDatabaseById(change.tx, id)
    // What Git took away was not lost.
    if (row?.managed_by === 'git') {
      await deleteDatabase(change.tx, id)
      change.audit({ action: 'databases.release', target: `database/${row.name}` })
      return change.announce({ kind: 'database-deleted', name: row.name })
    }
    if (!row || row.operation_id !== null || (row.observed?.phase === 'failed' && row.observed.reason === missing))
      return
    const observed: StoredObserved = {
      phase: 'failed',
      reason: missing,
      message: 'Its location has no data of this database any more.',
      since: new Date().toISOString(),
      members: [],
      endpoint: null,
      serverVersion: null,
      storageUsedBytes: null,
      connections: null,
      transactionsPerSecond: null,
      generation: 0,
      pendingRestart: [],
    }
    await settle(change, project, row, { observed: JSON.stringify(observed) })
  })
}
