import type { TrialRecord } from '../trial-record.ts'
import type { Inventory } from './inventory.ts'

/** How far a rehearsal is. */
export interface RehearsalRecord extends TrialRecord {
  /** Major version that is tried. */
  readonly version: number
  /** What was in it before; undefined: not counted yet. */
  readonly before?: Inventory
  /** When its servers were stopped. */
  readonly stoppedAt?: Date
  /** When one of the new version answered. */
  readonly answeredAt?: Date
}
