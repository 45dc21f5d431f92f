/**
 * Where the files of a backup are.
 * - `archive`: beside the WAL, whatever becomes of the storage.
 * - `snapshot`: in the storage that holds the database, as a snapshot of its volume. It is made in no time, and is lost with that storage.
 */
export type BackupMethod = 'archive' | 'snapshot'

/** A base backup that is complete: with the WAL that belongs to it, a database can be made from it. */
export interface Backup {
  /** UUID made by the control plane. */
  readonly id: string
  readonly method: BackupMethod
  readonly startedAt: Date
  /** The earliest moment that can be restored with it. */
  readonly finishedAt: Date
  /** Positions in the WAL, as PostgreSQL writes them (`0/3000158`). */
  readonly startLsn: string
  readonly stopLsn: string
  readonly timeline: number
  /** Full server version that it was taken of. */
  readonly serverVersion: string
  /** Bytes of the files in it; null where nobody of ours looked when it was taken. */
  readonly dataBytes: number | null
  /** Bytes that it takes in the archive, without WAL; null where the archive is somebody else's, and of a snapshot. */
  readonly storedBytes: number | null
  /** What the last drill with it found; undefined when it was never restored. */
  readonly proof?: BackupProof
}

/** What became of restoring a backup beside the original, with the WAL that was in the archive. */
export interface BackupProof {
  /** Id of the drill. */
  readonly drill: string
  readonly at: Date
  readonly isGood: boolean
  /** What was wrong; empty when nothing was. */
  readonly message: string
  /** From the first byte that was fetched to the first query that was answered. null: it did not come so far. */
  readonly recoveryTimeMs: number | null
  /** For how long a commit was on one machine only, before it was in the archive. null: the database did not run. */
  readonly dataLossMs: number | null
  /** The moment up to which everything was there. */
  readonly reachedAt: Date | null
  readonly reachedLsn: string | null
  readonly checks: readonly ProofCheck[]
}

export interface ProofCheck {
  /** `start`, `canary`, `rows`, `structure`, or `restore` when it came no further. */
  readonly name: string
  readonly isGood: boolean
  readonly detail: string
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

/** A database that exists becomes what another one was, or what it was itself. */
export interface RestoreOrder {
  /** UUID made by the control plane. */
  readonly id: string
  /** Itself, or the database that it began as. */
  readonly from: RestoreSource
  /** Until when it can be undone. */
  readonly undoUntil: Date
}
