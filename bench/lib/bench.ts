import type { Figure } from './figure.ts'

/** One thing that is measured, in a file of its own. */
export interface Bench {
  readonly name: string
  /** One line for the table. */
  readonly title: string
  readonly run: (context: Context) => Promise<Outcome>
}

export interface Context {
  /** True: a few rounds, to see that the bench works. The figures mean nothing. */
  readonly isQuick: boolean
  /** Tell the terminal how far it is. */
  readonly say: (text: string) => void
  /** Goes into the results: what a reader of the figures has to know. */
  readonly note: (text: string) => void
  /** Called when the bench has ended, however it did; the last one given first. */
  readonly afterwards: (undo: () => Promise<void>) => void
}

export interface Outcome {
  readonly figures: readonly Figure[]
  /** Whatever else is worth keeping; only in the JSON. */
  readonly details?: unknown
}
