/** A store does not do what it is asked. What it says names no path and no secret: owners of databases read it. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  /** Whether the same request may go through a little later without anybody doing anything. */
  readonly isPassing: boolean

  constructor(message: string, { isPassing, cause }: { isPassing: boolean, cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause })
    this.isPassing = isPassing
  }
}
