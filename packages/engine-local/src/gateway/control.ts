import type { Gateway } from './gateway.ts'
import type { Routes } from './routes.ts'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import process from 'node:process'
import { createInterface } from 'node:readline'

/** What the driver says, a line each; each is answered with a line. */
export type Order = { readonly routes: Routes } | { readonly stop: true } | { readonly ask: true }
export interface Report {
  readonly pid: number
  readonly epoch: number
  /** False: the routes were older than those in force. */
  readonly taken: boolean
  readonly sessions: number
}

/** Hear orders on a Unix socket, which only the servers' account and root may enter. */
export async function hearOrders(gateway: Gateway, path: string): Promise<void> {
  const server = createServer((socket) => {
    const lines = createInterface({ input: socket })
    // The driver has ended.
    for (const emitter of [socket, lines])
      emitter.on('error', () => {})
    lines.on('line', (line) => {
      const order = JSON.parse(line) as Order // from the driver, over a socket that nobody else may use
      const taken = 'routes' in order ? gateway.apply(order.routes) : true
      const report: Report = { pid: process.pid, epoch: gateway.epoch, taken, sessions: gateway.sessions }
      socket.write(`${JSON.stringify(report)}\n`, () => {
        if ('stop' in order)
          process.exit()
      })
    })
  })
  // Whoever holds the addresses is the one; a socket that is there was left by one that died.
  await rm(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}
