import type { Server, Socket } from 'node:net'
import type { Routes } from './routes.ts'
import { connect, createServer } from 'node:net'
import { relay } from './relay.ts'
import { allows } from './routes.ts'

/** How long a client is kept waiting for somebody who holds the role. Longer than any handover; then it may try itself. */
const patienceMs = 15_000
/** Between two attempts at a server that does not listen: it may have died, and nobody has said so yet. */
const retryMs = 20

/** Servers are reached on this machine's own address, which leaves it by no wire. */
const serverHost = '127.0.0.1'

type Kind = 'write' | 'read'

interface Session {
  readonly kind: Kind
  readonly client: Socket
  /** Port of the server it has, or is being connected to; undefined while it waits for one. */
  port: number | undefined
  server: Socket | undefined
}

/**
 * Holds the addresses of one database. A client is connected to the server that has the role at that moment; when the
 * role goes, the connection ends, so nobody is left writing to who has it no more.
 */
export class Gateway {
  #routes: Routes
  #isAllowed: (address: string) => boolean
  readonly #sessions = new Set<Session>()
  #next = 0

  constructor(routes: Routes) {
    this.#routes = routes
    this.#isAllowed = allows(routes.allowedCidrs)
  }

  get epoch(): number {
    return this.#routes.epoch
  }

  get sessions(): number {
    return this.#sessions.size
  }

  async listen(): Promise<void> {
    const { host, port, readOnlyPort } = this.#routes
    await Promise.all([listening(this.#server('write'), host, port), listening(this.#server('read'), host, readOnlyPort)])
  }

  /** False, and nothing changes, when these are older than those in force. */
  apply(routes: Routes): boolean {
    if (routes.epoch < this.#routes.epoch)
      return false
    this.#routes = routes
    this.#isAllowed = allows(routes.allowedCidrs)
    for (const session of this.#sessions) {
      if (session.port === undefined)
        this.#lead(session)
      else if (!this.#targets(session.kind).includes(session.port))
        session.client.destroy()
    }
    return true
  }

  #targets(kind: Kind): readonly number[] {
    const { primary, replicas } = this.#routes
    if (kind === 'read')
      return replicas
    return primary === null ? [] : [primary]
  }

  #server(kind: Kind): Server {
    return createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true, keepAlive: true }, client => this.#accept(kind, client))
  }

  #accept(kind: Kind, client: Socket): void {
    // Who goes away says no more than that.
    client.on('error', () => {})
    if (!this.#isAllowed(client.remoteAddress ?? '')) {
      client.destroy()
      return
    }
    const session: Session = { kind, client, port: undefined, server: undefined }
    this.#sessions.add(session)
    const patience = setTimeout(() => {
      if (session.server === undefined)
        client.destroy()
    }, patienceMs)
    client.once('close', () => {
      clearTimeout(patience)
      this.#sessions.delete(session)
      session.server?.destroy()
    })
    this.#lead(session)
  }

  /** Connect it to a server of its kind, by turns; while there is none, it waits for other routes. */
  #lead(session: Session): void {
    const { client, kind } = session
    const targets = this.#targets(kind)
    const port = targets[this.#next++ % targets.length]
    // Replicas come back at their own pace; who only reads may ask the primary instead, and should know soon.
    if (port === undefined) {
      if (kind === 'read')
        client.destroy()
      return
    }
    session.port = port
    const server = connect({ host: serverHost, port, allowHalfOpen: true, noDelay: true, keepAlive: true })
    server.once('connect', () => {
      if (client.destroyed || session.port !== port || !this.#targets(kind).includes(port)) {
        server.destroy()
        return
      }
      session.server = server
      relay(client, server)
    })
    server.on('error', () => {
      if (session.server !== undefined || client.destroyed)
        return
      session.port = undefined
      setTimeout(() => {
        if (!client.destroyed && session.port === undefined)
          this.#lead(session)
      }, retryMs)
    })
  }
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, resolve)
  })
}
