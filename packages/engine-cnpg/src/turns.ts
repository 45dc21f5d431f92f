export interface TurnsOptions {
  readonly atATime: number
  /** What takes longer goes on, but keeps nobody waiting any more. */
  readonly mostMs: number
}

/** Runs so many things at a time; the others wait, in the order in which they came. */
export class Turns {
  readonly #options: TurnsOptions
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#options.atATime)
      this.#taken++
    else
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    let isOver = false
    const end = (): void => {
      if (!isOver)
        this.#pass()
      isOver = true
    }
    const late = setTimeout(end, this.#options.mostMs)
    late.unref()
    try {
      return await work()
    }
    finally {
      clearTimeout(late)
      end()
    }
  }

  /** To who waits longest. */
  #pass(): void {
    const next = this.#waiting.shift()
    if (next)
      next()
    else
      this.#taken--
  }
}
