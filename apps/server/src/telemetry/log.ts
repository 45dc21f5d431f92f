import type { Logger as PinoLogger } from 'pino'
import process from 'node:process'
import pino from 'pino'

export type Logger = PinoLogger

/** Fields that never reach a log, wherever they stand. Our code does not log them; this is for what others pass on. */
const secretFields = [
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'refreshToken',
  'authorization',
  'cookie',
  'secret',
  'key',
]
const redact = secretFields.flatMap(field => [field, `*.${field}`, `*.*.${field}`]).concat(['req.headers["set-cookie"]'])

export function createLog(level: string, format: 'pretty' | 'json'): Logger {
  const options = {
    level,
    redact: { paths: redact, censor: '[secret]' },
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  if (format === 'json')
    return pino(options, pino.destination({ dest: process.stdout.fd, sync: false, minLength: 0 }))
  return pino({
    ...options,
    transport: {
      target: 'pino-pretty',
      options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname', singleLine: true },
    },
  })
}
