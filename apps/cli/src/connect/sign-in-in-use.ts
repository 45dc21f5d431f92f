/** Another command has the sign-in that this one needs, and does not end. */
export class SignInInUse extends Error {
  override readonly name = 'SignInInUse'
  readonly nextStep = 'Let it go on or stop it, and try again.'

  constructor(holder: number) {
    super(`Process ${holder}, another howdah command, has the sign-in in use and does not end.`)
  }
}
