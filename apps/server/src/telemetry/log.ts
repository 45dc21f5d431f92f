import type { DestinationStream, Logger as PinoLogger } from 'pino'
import process from 'node:process'
import pino from 'pino'
import { censored } from './censored.ts'

export type Logger = PinoLogger

export function createLog(level: string, format: 'pretty' | 'json'): Logger {
  const options: pino.LoggerOptions = {
    level,
    // Not pino's own redaction: its wildcards cost 60 µs a line, a third of a request.
    formatters: { log: censored },
    serializers: { err: (error: Error) => censored(pino.stdSerializers.err(error)) },
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  if (format === 'json')
    return pino(options, standardOutput())
  return pino({
    ...options,
    transport: {
      target: 'pino-pretty',
      options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname', singleLine: true },
    },
  })
}

let shared: DestinationStream | undefined

/**
 * The lines of one turn of the event loop go out in one write, and no line is held longer. The write is synchronous:
 * nothing is lost or out of order at an exit, and a hand-over to another thread would cost more than it.
 */
function standardOutput(): DestinationStream {
  if (shared)
    return shared
  const output = pino.destination({ dest: process.stdout.fd, sync: true })
  let lines: string[] = []
  const write = (): void => {
    if (lines.length === 0)
      return
    output.write(lines.join(''))
    lines = []
  }
  process.on('exit', write)
  shared = {
    write(line) {
      if (lines.push(line) === 1)
        setImmediate(write)
    },
  }
  return shared
}
