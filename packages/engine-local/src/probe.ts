import { Buffer } from 'node:buffer'
import { connect } from 'node:net'
import { join } from 'node:path'

/** `SSLRequest` of PostgreSQL's protocol. Over a Unix socket the answer is always `N`, and nothing is logged. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * Resolves when the server takes new connections. A held connection cannot tell: its backend answers even while the
 * postmaster is stopped. Costs the server one fork and no login.
 */
export async function answers(socketFolder: string, port: number, withinMs: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect(join(socketFolder, `.s.PGSQL.${port}`))
    socket.setTimeout(withinMs, () => socket.destroy(new Error(`no answer within ${withinMs} ms`)))
    socket.once('connect', () => socket.write(sslRequest))
    socket.once('data', () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed')))
  })
}
