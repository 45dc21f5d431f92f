/** The command line is not right. `nextStep` says what would be. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly nextStep: string

  constructor(message: string, nextStep = '') {
    super(message)
    this.nextStep = nextStep
  }
}
