/** Runs so many things at a time; the first error is thrown at the next occasion. */
export class Lane {
  readonly #most: number
  readonly #running = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | undefined

  constructor(most: number) {
    this.#most = most
  }

  async add(work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#most)
      await Promise.race(this.#running)
    if (this.#failure)
      throw this.#failure.error
    const run = work().catch((error: unknown) => {
      this.#failure ??= { error }
    }).finally(() => this.#running.delete(run))
    this.#running.add(run)
  }

  async end(): Promise<void> {
    await Promise.all(this.#running)
    if (this.#failure)
      throw this.#failure.error
  }
}
