import type { ProofCheck } from './backups.ts'

/** What becoming another version would take, tried on a copy of a database. */
export interface UpgradeReport {
  /** Of the rehearsal. */
  readonly id: string
  readonly at: Date
  /** Full versions, such as `14.23`. */
  readonly from: string
  readonly to: string
  readonly isGood: boolean
  /** What was wrong; empty when nothing was. */
  readonly message: string
  /** How long nobody could connect. null: it did not come so far. */
  readonly interruptionMs: number | null
  readonly databases: number
  readonly tables: number
  readonly rows: number
  readonly extensions: readonly { readonly name: string, readonly from: string, readonly to: string }[]
  /** What queries are planned with, and is another default there: null where a version does not have it. */
  readonly planner: readonly { readonly name: string, readonly from: string | null, readonly to: string | null }[]
  readonly checks: readonly ProofCheck[]
}

export interface UpgradeOrder {
  /** UUID made by the control plane. */
  readonly id: string
  /** Major version. That which it has already: the newest minor that is here. */
  readonly version: number
  /** Until when another major version can be undone. */
  readonly undoUntil: Date
}
