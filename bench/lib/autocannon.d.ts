/** The part of autocannon that the load generator uses; it ships no types. */
declare module 'autocannon' {
  interface Options {
    readonly url: string
    readonly connections: number
    readonly duration: number
    readonly headers: Readonly<Record<string, string>>
  }
  interface Result {
    readonly 'duration': number
    readonly 'errors': number
    readonly 'timeouts': number
    readonly '2xx': number
    readonly 'non2xx': number
  }
  interface Run {
    on: (event: 'response', listener: (client: unknown, status: number, bytes: number, milliseconds: number) => void) => void
  }
  export default function autocannon(options: Options, done: (error: Error | null, result: Result) => void): Run
}
