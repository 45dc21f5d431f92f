/** A base backup that is complete: with the WAL that belongs to it, a database can be made from it. */
export interface Backup {
  /** UUID made by the control plane. */
  readonly id: string
  readonly startedAt: Date
  /** The earliest moment that can be restored with it. */
  readonly finishedAt: Date
  /** Positions in the WAL, as PostgreSQL writes them (`0/3000158`). */
  readonly startLsn: string
  readonly stopLsn: string
  readonly timeline: number
  /** Full server version that it was taken of. */
  readonly serverVersion: string
  /** Bytes of the files in it. */
  readonly dataBytes: number
  /** Bytes that it takes in the archive, without WAL. */
  readonly storedBytes: number
}

/** A moment with a name. */
export interface RestorePoint {
  /** 1 to 63 characters, unique in its database. */
  readonly name: string
  readonly at: Date
  readonly lsn: string
}

/** A stretch of the past that can be restored to: any moment from its begin to its end. */
export interface RestoreSpan {
  readonly from: Date
  readonly to: Date
  readonly fromLsn: string
  readonly toLsn: string
}

/**
 * What can be restored to, oldest first; between two spans is a gap, where WAL is missing. Empty before the first backup.
 * The last span of a running database ends now: what was not yet archived is, before it is restored.
 */
export type RestoreWindow = readonly RestoreSpan[]

/** What a new database begins as: the state of another one at some moment. */
export interface RestoreSource {
  /** The other database. It need not exist any more, as long as its archive does. */
  readonly id: string
  readonly target: RestoreTarget
}

/**
 * - `time`: every commit up to this moment, none after it.
 * - `lsn`: everything that was written before this position.
 * - `name`: as `lsn`, of the restore point.
 * - `backup`: the moment when this backup was finished.
 * - `latest`: all there is when the restore begins.
 */
export type RestoreTarget
  = | { readonly kind: 'time', readonly at: Date }
    | { readonly kind: 'lsn', readonly lsn: string }
    | { readonly kind: 'name', readonly name: string }
    | { readonly kind: 'backup', readonly backup: string }
    | { readonly kind: 'latest' }
