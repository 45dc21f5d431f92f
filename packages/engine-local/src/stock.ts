/** Members that are stopped, and the creates that wait because there is none. */
export class Stock {
  readonly #ready: string[] = []
  readonly #waiting: PromiseWithResolvers<string>[] = []

  get size(): number {
    return this.#ready.length
  }

  /** Undefined: there is none now. */
  take(): string | undefined {
    return this.#ready.shift()
  }

  /** Whoever waits longest gets it. */
  add(root: string): void {
    const waiting = this.#waiting.shift()
    if (waiting)
      waiting.resolve(root)
    else
      this.#ready.push(root)
  }

  /** The one that comes first: this one, which is made for whoever asks, or one that was under way before. */
  async next(making: Promise<string>): Promise<string> {
    const next = Promise.withResolvers<string>()
    this.#waiting.push(next)
    making.then(root => this.add(root), (error: unknown) => this.#waiting.shift()?.reject(error))
    return await next.promise
  }
}
