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
