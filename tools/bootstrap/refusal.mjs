/** Something that the person at the terminal can mend: shown as two lines, without a stack. */
export class Refusal extends Error {
  /**
   * @param {string} message - what is wrong
   * @param {string} nextStep - what to do about it
   */
  constructor(message, nextStep) {
    super(message)
    this.nextStep = nextStep
  }
}
