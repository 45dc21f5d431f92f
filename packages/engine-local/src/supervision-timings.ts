/** How patient supervision is, in milliseconds. */
export interface SupervisionTimings {
  /** Between two looks at a server that seems well. Its death is noticed at once, by the end of the held connection. */
  readonly checkEvery: number
  /** The same where there are replicas, which one of them is to replace if it is not well. */
  readonly checkReplicatedEvery: number
  readonly answerWithin: number
  readonly measureStorageEvery: number
  /** A server that lives but says nothing for this long is killed and started again. */
  readonly patience: number
  /** Waits before each further attempt to start; the last one repeats. */
  readonly backOff: readonly number[]
  /** Between two looks at a port that a stranger has taken. */
  readonly portRetry: number
}

export const usualTimings: SupervisionTimings = {
  checkEvery: 10_000,
  checkReplicatedEvery: 1_000,
  answerWithin: 3_000,
  measureStorageEvery: 60_000,
  patience: 60_000,
  backOff: [250, 1_000, 2_000, 5_000, 10_000, 30_000],
  portRetry: 1_000,
}

/** Between two looks while a replica is being made, or comes back. */
export const checkUnsettledEvery = 100

/** The first thing that a user does with a new database is over by then. */
export const attachAfterMs = 250
/** While creates follow each other it waits for their end, but no longer than a server that seems well is left alone anyway. */
export const attachWithinMs = usualTimings.checkEvery
