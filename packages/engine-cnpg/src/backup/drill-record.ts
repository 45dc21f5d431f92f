import type { TrialRecord } from '../trial-record.ts'

/** How far a drill is. */
export interface DrillRecord extends TrialRecord {
  /** Name of the object of the backup that it tries. */
  readonly backup: string
  /** When the row that has to be there was committed; undefined where no server ran that could. */
  readonly canaryAt: Date | undefined
  /** How long it took until the archive had that row. */
  readonly dataLossMs: number | undefined
  /** Up to when everything should be there. */
  readonly reaches: Date
  /** What the restored server said first; undefined until it did. */
  readonly answer: FirstAnswer | undefined
}

export interface FirstAnswer {
  /** A control plane that was away meanwhile makes it longer. */
  readonly recoveryTimeMs: number
  readonly serverVersion: string
  /** Where the replay ended. */
  readonly lsn: string
}
