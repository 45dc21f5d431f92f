/** Says what took how long, in the order in which it ended. */
export class Steps {
  readonly #begun = performance.now()

  /** Do something that is worth a line. */
  readonly step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const begun = performance.now()
    const result = await work()
    this.line(name, seconds(begun))
    return result
  }

  /** Say what something took that was measured elsewhere. */
  line(name: string, seconds: number): void {
    console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`)
  }

  total(): string {
    const all = Math.round(seconds(this.#begun))
    return `${Math.floor(all / 60)} min ${all % 60} s`
  }
}

function seconds(begun: number): number {
  return (performance.now() - begun) / 1000
}
