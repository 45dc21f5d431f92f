/** Clocks that are kept right are moved by less, and so much may lie between two looks of a machine that is busy. */
const toleratedMs = 60_000
/** Time for somebody, or something, to set it right again. */
const holdMs = 3_600_000

/**
 * Whether the clock of this machine goes on as time does. What is removed because its time is over is removed for good, so nothing is for an hour
 * after the clock was moved ahead. Nobody can tell of a clock that was wrong before this process began.
 */
export class SteadyClock {
  readonly #clock: () => number
  readonly #elapsed: () => number
  #seen: { readonly clock: number, readonly elapsed: number }
  #heldUntil = 0

  /** `elapsed`: a measure of time that nobody sets. */
  constructor(clock = () => Date.now(), elapsed = () => performance.now()) {
    this.#clock = clock
    this.#elapsed = elapsed
    this.#seen = { clock: clock(), elapsed: elapsed() }
  }

  /** To be asked again and again. `leapMs`: by how much it was moved ahead since it was asked last, where that is much. */
  look(): { readonly isSteady: boolean, readonly leapMs: number } {
    const now = { clock: this.#clock(), elapsed: this.#elapsed() }
    const leap = (now.clock - this.#seen.clock) - (now.elapsed - this.#seen.elapsed)
    this.#seen = now
    const leapMs = leap > toleratedMs ? leap : 0
    if (leapMs > 0)
      this.#heldUntil = now.elapsed + holdMs
    return { isSteady: now.elapsed >= this.#heldUntil, leapMs }
  }
}
