/** There is no such thing among what the server lists. */
export class Missing extends Error {
  override readonly name = 'Missing'
  readonly nextStep: string

  constructor(message: string, nextStep: string) {
    super(message)
    this.nextStep = nextStep
  }
}
