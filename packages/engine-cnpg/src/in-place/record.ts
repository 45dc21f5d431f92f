import type { DatabaseRef } from '@howdah/engine'
import type { Installation } from '../installation.ts'
import type { KubeObject } from '../kubernetes/objects.ts'
import type { Origin } from '../manifests/bootstrap.ts'
import type { ClusterSpec } from '../manifests/cluster.ts'
import type { State } from '../state.ts'
import { EngineError } from '@howdah/engine'
import { ApiError } from '../kubernetes/api.ts'
import { resources } from '../kubernetes/objects.ts'
import { archiveOf, endAnnotation, inPlaceAnnotation, namespaceOf } from '../names.ts'

/** What a database was until other data took its place. It is in the archive. */
export interface Past {
  /** That it was on last. */
  readonly timeline: number
  /** When nobody wrote any more. */
  readonly at: Date
  /** Everything before it is in the archive; undefined where no server could say how far it had written. */
  readonly lsn: string | undefined
  /** Its server in the archive; undefined: the first one. */
  readonly server?: string | undefined
}

/** A past that can be brought back with one call. */
export interface Kept {
  /** Of the restore. */
  readonly id: string
  readonly until: Date
  /** Major version that it has. */
  readonly version: number
  readonly past: Past
}

/** Other data takes the place of a database's. Its Cluster goes, and from then on there is only forward. */
export interface Swap {
  readonly kind: 'restore' | 'undo' | 'upgrade'
  /** Of the restore. */
  readonly id: string
  /** Until when it can be undone; undefined: it is one that is undone. */
  readonly until: Date | undefined
  /** Of the Cluster that goes. */
  readonly uid: string
  /** True: that is not what the database was any more. Otherwise nothing has happened while it is there and is not being removed. */
  readonly isBegun?: boolean
  /** Undefined: what it was has left nothing in the archive. */
  readonly past?: Past | undefined
  readonly origin: Origin
  /** Of the archive, into which it goes on; undefined: the first one. */
  readonly server?: string | undefined
  readonly spec: ClusterSpec
  /** What was in effect in the Cluster that went first. */
  readonly state: State
  /** Why it becomes what it was instead, in which everything is as it was. */
  readonly back?: { readonly reason: string, readonly message: string }
  /** How often that was tried once more, and when last; undefined: not yet. */
  readonly again?: { readonly count: number, readonly at: Date }
}

/** The same data becomes that of another major, in the same Cluster. Until it is over nobody is let in. */
export interface Upgrade {
  /** Of the upgrade. */
  readonly id: string
  readonly version: number
  readonly until: Date
  readonly past: Past
  /** Of the archive, into which it goes on: its WAL begins anew. */
  readonly server: string
  /** How it becomes what it was where that is not on its volumes any more. */
  readonly origin: Origin
  /** What was in effect before. */
  readonly spec: ClusterSpec
  readonly state: State
  /** Why it becomes what it was instead. */
  readonly back?: { readonly reason: string, readonly message: string }
}

/** What of restores in place stands in an annotation of the ObjectStore, which outlives the Cluster. */
export interface InPlaceRecord {
  /** Oldest first. What is now comes after them. */
  readonly pasts: readonly Past[]
  readonly swap?: Swap | undefined
  /** Decided, and not over. */
  readonly upgrade?: Upgrade | undefined
  readonly kept?: Kept | undefined
  /** Its server in the archive now; undefined: the first one, which has its id as its name. */
  readonly server?: string | undefined
  /** How many it has had; undefined: one. */
  readonly servers?: number | undefined
  /** The last one that could not be done, so that it is not begun again. */
  readonly failed?: { readonly id: string, readonly reason: string, readonly message: string } | undefined
}

/** The database is what goes, and what comes is not there yet. */
export function isDecided(swap: Swap, live: { readonly uid: string, readonly isDeleting: boolean } | undefined): boolean {
  return swap.isBegun === true || live?.uid !== swap.uid || live.isDeleting
}

/** What was there before what is now, oldest first, and which server of the archive that has. `uid`: of the Cluster that is there. One that is about to go is still what is now. */
export function presentIn({ pasts, server, swap, upgrade }: InPlaceRecord, id: string, uid: string | undefined): { readonly pasts: readonly Past[], readonly server: string } {
  if (upgrade)
    return { pasts: [...pasts, upgrade.past], server: upgrade.server }
  return swap && (swap.isBegun || swap.uid !== uid)
    ? { pasts: swap.past ? [...pasts, swap.past] : pasts, server: swap.server ?? id }
    : { pasts, server: server ?? id }
}

/** All that a database may have in the archive. */
export function serversOf(id: string, { servers = 1 }: Pick<InPlaceRecord, 'servers'>): readonly string[] {
  return Array.from({ length: servers }, (_, index) => index === 0 ? id : `${id}-${index + 1}`)
}

/** One that nobody ever had, for what begins anew: its WAL has numbers that the archive has of other data. */
export function withNewServer(id: string, record: InPlaceRecord): { readonly server: string, readonly servers: number } {
  const servers = (record.servers ?? 1) + 1
  return { server: serversOf(id, { servers }).at(-1) ?? id, servers }
}

export const nothingInPlace: InPlaceRecord = { pasts: [] }

const moments = new Set(['at', 'until'])

export function parseInPlace(text: string | undefined): InPlaceRecord {
  return text === undefined ? nothingInPlace : revived(text) as InPlaceRecord // our own annotation
}

export function parseKept(text: string | undefined): Kept | undefined {
  return text === undefined ? undefined : revived(text) as Kept // our own annotation
}

function revived(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => moments.has(key) && typeof value === 'string' ? new Date(value) : value)
}

/** The record with the version that it was read in. */
export interface Recorded {
  readonly record: InPlaceRecord
  readonly resourceVersion: string
}

/** Undefined: there is no archive. */
export async function readInPlace({ api, location }: Installation, ref: DatabaseRef): Promise<Recorded | undefined> {
  const store = await api.get<KubeObject>(resources.objectStore, { namespace: namespaceOf(location, ref.project), name: archiveOf(ref.id) })
  return store && { record: parseInPlace(store.metadata.annotations?.[inPlaceAnnotation]), resourceVersion: store.metadata.resourceVersion ?? '' }
}

/** Only if nobody else wrote since it was read. A server that begins has no end yet. */
export async function writeInPlace(installation: Installation, ref: DatabaseRef, resourceVersion: string, record: InPlaceRecord): Promise<void> {
  await annotate(installation, ref, resourceVersion, { [inPlaceAnnotation]: JSON.stringify(record), [endAnnotation]: null })
}

/** From what is on record now. */
export async function changeInPlace(installation: Installation, ref: DatabaseRef, change: (record: InPlaceRecord) => InPlaceRecord): Promise<void> {
  const read = await readInPlace(installation, ref)
  if (!read)
    throw new EngineError('unavailable', `The archive of "${ref.name}" is not there.`)
  await writeInPlace(installation, ref, read.resourceVersion, change(read.record))
}

/** The oldest of a server of the archive, of which nothing is left there. Those between others still say what was when. */
export async function forgetPasts(installation: Installation, ref: DatabaseRef, server: string): Promise<void> {
  const read = await readInPlace(installation, ref)
  const { pasts = [] } = read?.record ?? {}
  const first = pasts.findIndex(past => (past.server ?? ref.id) !== server)
  const left = first < 0 ? [] : pasts.slice(first)
  if (read && left.length < pasts.length)
    await annotate(installation, ref, read.resourceVersion, { [inPlaceAnnotation]: JSON.stringify({ ...read.record, pasts: left }) })
}

async function annotate({ api, location }: Installation, ref: DatabaseRef, resourceVersion: string, annotations: Readonly<Record<string, string | null>>): Promise<void> {
  try {
    await api.merge(resources.objectStore, { namespace: namespaceOf(location, ref.project), name: archiveOf(ref.id) }, { metadata: { resourceVersion, annotations } })
  }
  catch (error) {
    if (error instanceof ApiError && error.status === 409)
      throw new EngineError('unavailable', 'Somebody else changed what is known of the archive at the same time; try again.', { cause: error })
    throw error
  }
}
