import { attachAfterMs, attachWithinMs } from './supervision-timings.ts'

/**
 * When our monitoring logs in after the owner has for the first time. It is no use to anybody yet, and would compete with the next
 * login of the owner, and with the creates that follow.
 */
export class FirstAttach {
  readonly #mayWait: () => boolean
  readonly #attach: () => void
  #timer: NodeJS.Timeout | undefined

  /** `mayWait`: whether creates follow each other, and the end of the server is known without a login. */
  constructor(mayWait: () => boolean, attach: () => void) {
    this.#mayWait = mayWait
    this.#attach = attach
  }

  /** True until then: the process of the server is all that is watched. */
  get isAhead(): boolean {
    return this.#timer !== undefined
  }

  begin(since = performance.now()): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (this.#mayWait() && performance.now() - since < attachWithinMs)
        this.begin(since)
      else
        this.#attach()
    }, attachAfterMs)
    this.#timer.unref()
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
