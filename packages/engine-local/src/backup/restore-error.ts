/** A restore that cannot succeed, however often it is tried. */
export class RestoreError extends Error {
  override readonly name = 'RestoreError'
  /** CamelCase word for programs. */
  readonly reason: string
  readonly nextStep: string

  constructor(reason: string, message: string, nextStep: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
    this.nextStep = nextStep
  }
}
