/** Since when, by our own clock, things do not go on that may do so by themselves. */
export class Patience {
  readonly #lastsMs: number
  readonly #since = new Map<string, number>()

  constructor(lastsMs: number) {
    this.#lastsMs = lastsMs
  }

  /** `isStuck`: it does not go on now. One that does is waited for anew the next time. */
  isOver(id: string, isStuck = true): boolean {
    const since = isStuck ? this.#since.get(id) ?? performance.now() : undefined
    if (since === undefined)
      this.#since.delete(id)
    else
      this.#since.set(id, since)
    return since !== undefined && performance.now() - since > this.#lastsMs
  }

  forget(id: string): void {
    this.#since.delete(id)
  }
}
