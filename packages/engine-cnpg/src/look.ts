/** Something that takes longer than a step may, and is asked for until it has ended. */
export class Look<T> {
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
