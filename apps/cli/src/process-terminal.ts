import type { Terminal } from './terminal.ts'
import process from 'node:process'
import { text } from 'node:stream/consumers'

/** The terminal of this process. Ctrl-C ends what is going on in order; a second one ends the process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort(new Interrupted()))
  process.once('SIGTERM', () => stop.abort(new Interrupted()))
  // Whoever reads our output may have seen enough: `howdah db list | head -1`.
  stdout.on('error', (error) => {
    if (!('code' in error && error.code === 'EPIPE'))
      throw error
    process.exit(0)
  })
  return {
    env,
    out: text => void stdout.write(text),
    err: text => void stderr.write(text),
    columns: stdout.isTTY
      ? stdout.columns
      : undefined,
    hasColourOut: hasColour(stdout.isTTY, env),
    hasColourErr: hasColour(stderr.isTTY, env),
    isErrTerminal: stderr.isTTY && env.TERM !== 'dumb',
    isInteractive: stdin.isTTY && stderr.isTTY,
    readStdin: () => text(stdin),
    now: Date.now,
    signal: stop.signal,
  }
}

/** The user has had enough. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** https://no-color.org */
function hasColour(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  return isTerminal && !env.NO_COLOR && env.TERM !== 'dumb'
}
