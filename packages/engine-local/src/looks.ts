/** Looks at a server, one at a time: its connection takes one statement after the other. */
export class Looks {
  readonly #look: () => Promise<void>
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #mustLookAgain = false

  constructor(look: () => Promise<void>) {
    this.#look = look
  }

  /** The next one, instead of the one that was planned. */
  after(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#run(), ms)
    this.#timer.unref()
  }

  /** What is being looked at may have changed since that began. */
  soon(): void {
    if (this.#isLooking)
      this.#mustLookAgain = true
    else
      this.after(0)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  async #run(): Promise<void> {
    this.#isLooking = true
    try {
      await this.#look()
    }
    finally {
      this.#isLooking = false
      if (this.#mustLookAgain)
        this.soon()
      this.#mustLookAgain = false
    }
  }
}
