import { EngineError } from '@howdah/engine'
import { within } from './within.ts'

/** Something that takes longer than a step may, and is asked for until it has ended. */
class Look<T> {
  /** What is looked at now. */
  at = ''
  result: { readonly value: T } | { readonly error: unknown } | undefined
  /** Never fails. */
  readonly ended: Promise<void>

  constructor(work: (say: (text: string) => void) => Promise<T>) {
    this.ended = work((text) => {
      this.at = text
    }).then((value) => {
      this.result = { value }
    }, (error: unknown) => {
      this.result = { error }
    })
  }
}

/** Those that a process has begun, by what they are for. Whoever goes on in its place begins them again. */
export class Looks<T> {
  readonly #waitMs: number
  readonly #underWay = new Map<string, Look<T>>()

  /** `waitMs`: for how long one is waited for each time. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /**
   * What was found, or, as text, what is looked at now, or what was not available: that is looked at anew the next time. Throws what else the
   * look threw. One that has ended is forgotten.
   */
  async at(id: string, work: (say: (text: string) => void) => Promise<T>): Promise<{ readonly value: T } | string> {
    const look = this.#underWay.get(id) ?? new Look(work)
    this.#underWay.set(id, look)
    await within(this.#waitMs, look.ended)
    if (!look.result)
      return look.at
    this.#underWay.delete(id)
    if ('error' in look.result) {
      // The Service of a server that has just become ready may not lead to it yet.
      if (look.result.error instanceof EngineError && look.result.error.code === 'unavailable')
        return look.result.error.message
      throw look.result.error
    }
    return look.result
  }

  forget(id: string): void {
    this.#underWay.delete(id)
  }
}
