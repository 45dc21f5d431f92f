/** An API that comes back sooner was never away. */
const awayAfterMs = 10_000

/** Whether the API of a cluster is away, as far as databases are told: not for as long as a watch needs to begin again. */
export class Absence {
  readonly #changed: () => void
  #timer: NodeJS.Timeout | undefined
  #isAway = false

  constructor(changed: () => void) {
    this.#changed = changed
  }

  get isAway(): boolean {
    return this.#isAway
  }

  /** `isProblem`: whether something keeps us from following the cluster now. */
  notice(isProblem: boolean): void {
    this.end()
    if (isProblem === this.#isAway)
      return
    const change = (): void => {
      this.#isAway = isProblem
      this.#changed()
    }
    if (!isProblem)
      return change()
    this.#timer = setTimeout(change, awayAfterMs)
    this.#timer.unref()
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
