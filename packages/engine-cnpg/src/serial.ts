/** Runs work of one key one after the other; different keys side by side. */
export class Serial {
  readonly #last = new Map<string, Promise<unknown>>()

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    // The failure of one is its caller's to handle, not the next one's.
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(work, work)
    this.#last.set(key, mine)
    try {
      return await mine
    }
    finally {
      if (this.#last.get(key) === mine)
        this.#last.delete(key)
    }
  }
}
