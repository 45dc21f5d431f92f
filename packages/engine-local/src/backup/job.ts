import type { Progress } from '@howdah/engine'
import { setTimeout as delay } from 'node:timers/promises'

/** How long a look at a job waits for it to say something new. */
const lookMs = 500

/** Work that takes longer than a step may: it goes on in the background, and each step looks at how far it is. */
export class Job<T = unknown> {
  readonly #abort = new AbortController()
  readonly #ended: Promise<void>
  #news = Promise.withResolvers<void>()
  #step = ''
  #told = ''
  #detail = ''
  #result: { readonly value: T } | { readonly error: unknown } | undefined

  constructor(work: (job: Job<T>) => Promise<T>) {
    this.#ended = work(this).then((value) => {
      this.#result = { value }
    }, (error: unknown) => {
      this.#result = { error }
    }).finally(() => this.#news.resolve())
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get step(): string {
    return this.#step
  }

  get isEnded(): boolean {
    return this.#result !== undefined
  }

  /** What it has made; undefined before its end, and when it failed. */
  get made(): T | undefined {
    return this.#result && 'value' in this.#result ? this.#result.value : undefined
  }

  /** A step begins. */
  enter(step: string): void {
    this.signal.throwIfAborted()
    this.#step = step
    this.#detail = ''
    this.#news.resolve()
  }

  /** What the present step is at, in a sentence. */
  say(detail: string): void {
    this.#detail = detail
  }

  /** Where it is; throws what it failed with. */
  async look(): Promise<Progress> {
    const waiting = new AbortController()
    await Promise.race([this.#news.promise, delay(lookMs, undefined, { signal: waiting.signal }).catch(() => undefined)])
    waiting.abort()
    if (this.#result && 'error' in this.#result)
      throw this.#result.error
    if (this.#result)
      return { outcome: 'done' }
    this.#news = Promise.withResolvers()
    const told = this.#told
    this.#told = this.#step
    if (told !== '' && told !== this.#step)
      return { outcome: 'continue', step: told }
    return { outcome: 'wait', step: this.#step, afterMs: 1, reason: this.#detail }
  }

  /** Wait for its end; throws what it failed with. */
  async end(): Promise<void> {
    await this.#ended
    if (this.#result && 'error' in this.#result)
      throw this.#result.error
  }

  async cancel(): Promise<void> {
    this.#abort.abort(new Error('it was called off'))
    await this.#ended
  }
}
