import type { ConnectionError } from 'fastify'
import type { Socket } from 'node:net'
import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { AppError } from '../domain/errors.ts'
import { problem } from './problem.ts'

/** Answers what is no HTTP at all, like everything else that goes wrong, and ends the connection. */
export function answerClientError(error: ConnectionError, socket: Socket): void {
  if (socket.destroyed || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const body = problem(new AppError(isTooLarge ? 'too-large' : 'malformed-request', isTooLarge ? 'The headers are too large.' : 'The request cannot be read as HTTP, or it did not come in time.'), randomUUID())
  const text = JSON.stringify(body)
  socket.end([
    `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
    '',
    text,
  ].join('\r\n'))
}
