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
  readonly kind: 'restore' | 'undo'
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
  readonly spec: ClusterSpec
  /** What was in effect in the Cluster that went first. */
  readonly state: State
  /** Why it becomes what it was instead, in which everything is as it was. */
  readonly back?: { readonly reason: string, readonly message: string }
}

/** What of restores in place stands in an annotation of the ObjectStore, which outlives the Cluster. */
export interface InPlaceRecord {
  /** Oldest first. What is now comes after them. */
  readonly pasts: readonly Past[]
  readonly swap?: Swap | undefined
  readonly kept?: Kept | undefined
  /** The last one that could not be done, so that it is not begun again. */
  readonly failed?: { readonly id: string, readonly reason: string, readonly message: string } | undefined
}

/** The database is what goes, and what comes is not there yet. */
export function isDecided(swap: Swap, live: { readonly uid: string, readonly isDeleting: boolean } | undefined): boolean {
  return swap.isBegun === true || live?.uid !== swap.uid || live.isDeleting
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

/** The record with the version that it was read in; undefined: there is no archive. */
export async function readInPlace({ api, location }: Installation, ref: DatabaseRef): Promise<{ readonly record: InPlaceRecord, readonly resourceVersion: string } | undefined> {
  const store = await api.get<KubeObject>(resources.objectStore, { namespace: namespaceOf(location, ref.project), name: archiveOf(ref.id) })
  return store && { record: parseInPlace(store.metadata.annotations?.[inPlaceAnnotation]), resourceVersion: store.metadata.resourceVersion ?? '' }
}

/** Only if nobody else wrote since it was read. A server that begins has no end yet. */
export async function writeInPlace({ api, location }: Installation, ref: DatabaseRef, resourceVersion: string, record: InPlaceRecord): Promise<void> {
  try {
    await api.merge(resources.objectStore, { namespace: namespaceOf(location, ref.project), name: archiveOf(ref.id) }, {
      metadata: { resourceVersion, annotations: { [inPlaceAnnotation]: JSON.stringify(record), [endAnnotation]: null } },
    })
  }
  catch (error) {
    if (error instanceof ApiError && error.status === 409)
      throw new EngineError('unavailable', 'Somebody else changed what is known of the archive at the same time; try again.', { cause: error })
    throw error
  }
}
