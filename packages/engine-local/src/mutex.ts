/** Runs what it is given one after the other. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()

  async run<T>(work: () => Promise<T>): Promise<T> {
    // The failure of one is its caller's to handle, not the next one's.
    const mine = this.#last.then(work, work)
    this.#last = mine
    return await mine
  }
}

/** One for each of many things, by their ids. */
export class Mutexes {
  readonly #all = new Map<string, Mutex>()

  of(id: string): Mutex {
    const mutex = this.#all.get(id) ?? new Mutex()
    this.#all.set(id, mutex)
    return mutex
  }

  /** Of what is no more. */
  delete(id: string): void {
    this.#all.delete(id)
  }
}
