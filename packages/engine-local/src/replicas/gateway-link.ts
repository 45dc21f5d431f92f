import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Database } from '../database.ts'
import type { Order, Report } from '../gateway/control.ts'
import type { Routes } from '../gateway/routes.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { hasCode } from '@howdah/machine'
import { asAccount } from '../account.ts'
import { installProgram } from '../copied-program.ts'
import { makeFolder, writeAtomically } from '../files.ts'
import { killLeftovers, lastLines } from '../process.ts'

const answerWithinMs = 2_000
const startWithinMs = 10_000

/**
 * The gateway of one database, from the control plane's side: a process of its own that outlives us. It is started where
 * there is none, adopted where there is, and started again when it ends or falls silent.
 */
export class GatewayLink {
  readonly #db: Database
  readonly #lost: () => void
  #socket: Socket | undefined
  #pid: number | undefined
  #waiting: ((report: Report | undefined) => void)[] = []
  /** What is in force, as it told. */
  #told = ''

  /** `lost`: it ended without having been asked to. */
  constructor(db: Database, lost: () => void) {
    this.#db = db
    this.#lost = lost
  }

  /** Let these routes be in force. When this resolves, no session leads anywhere else. */
  async lead(routes: Routes): Promise<void> {
    const text = JSON.stringify(routes)
    if (text === this.#told && await this.#ask({ ask: true }))
      return
    await makeFolder(this.#db.paths.gateway, 0o755)
    await writeAtomically(this.#routesFile, `${text}\n`, { mode: 0o644, durable: false })
    let report = await this.#ask({ routes })
    if (!report) {
      await this.#start()
      report = await this.#ask({ routes })
    }
    if (!report)
      throw new EngineError('unavailable', 'The gateway of the database does not answer; trying again.')
    if (!report.taken)
      throw new Error(`the gateway knows of epoch ${report.epoch}, and routes of ${routes.epoch} were given to it`)
    this.#told = text
  }

  /** Nothing of it is left. */
  async stop(): Promise<void> {
    const socket = this.#socket
    this.#socket = undefined
    this.#told = ''
    if (socket)
      socket.destroy()
    await endGateway(this.#db.paths.gateway, this.#pid)
  }

  /** Let go; it runs on. */
  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.destroy()
  }

  get #routesFile(): string {
    return join(this.#db.paths.gateway, 'routes.json')
  }

  get #controlSocket(): string {
    return join(this.#db.socketFolder, 'gateway')
  }

  /** Undefined: nobody is there, or nobody who answers. */
  async #ask(order: Order): Promise<Report | undefined> {
    const socket = await this.#connected()
    if (!socket)
      return undefined
    const answer = new Promise<Report | undefined>((resolve) => {
      this.#waiting.push(resolve)
    })
    socket.write(`${JSON.stringify(order)}\n`)
    const deadline = new AbortController()
    const report = await Promise.race([answer, delay(answerWithinMs, undefined, { signal: deadline.signal }).catch(() => undefined)])
    deadline.abort()
    this.#pid = report?.pid ?? this.#pid
    if (!report) {
      this.#socket = undefined
      socket.destroy()
    }
    return report
  }

  async #connected(): Promise<Socket | undefined> {
    if (this.#socket && !this.#socket.destroyed)
      return this.#socket
    const socket = connect(this.#controlSocket)
    try {
      await once(socket, 'connect')
    }
    catch (error) {
      if (hasCode(error, 'ENOENT', 'ECONNREFUSED'))
        return undefined
      throw error
    }
    this.#socket = socket
    this.#waiting = []
    const lines = createInterface({ input: socket })
    // Both hear of an error; the end of the socket follows, and says enough.
    for (const emitter of [socket, lines])
      emitter.on('error', () => {})
    lines.on('line', (line) => {
      this.#waiting.shift()?.(JSON.parse(line) as Report) // from the gateway, over a socket that nobody else may use
    })
    socket.once('close', () => {
      const isUnasked = this.#socket === socket
      if (isUnasked)
        this.#socket = undefined
      for (const resolve of this.#waiting.splice(0))
        resolve(undefined)
      if (isUnasked) {
        this.#told = ''
        this.#lost()
      }
    })
    return socket
  }

  async #start(): Promise<void> {
    const { account, paths } = this.#db.installation
    const folder = this.#db.paths.gateway
    // One that hangs holds the addresses.
    await endGateway(folder, this.#pid)
    const program = await installProgram(paths.root, account, 'gateway')
    const logPath = join(folder, 'gateway.log')
    const log = await open(logPath, 'w', 0o600)
    let child: ChildProcess
    try {
      child = spawn(program.node, [program.main, this.#routesFile, this.#controlSocket], {
        ...asAccount(account),
        cwd: folder,
        detached: true,
        env: { PATH: '/usr/bin:/bin', NODE_COMPILE_CACHE: program.cache },
        stdio: ['ignore', log.fd, log.fd],
      })
      await once(child, 'spawn')
    }
    finally {
      await log.close()
    }
    child.unref()
    this.#pid = child.pid
    const deadline = performance.now() + startWithinMs
    while (!await this.#connected()) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new EngineError('unavailable', `The gateway of the database does not start: ${await lastLines(logPath, 1)}`)
      await delay(5)
    }
  }
}

/** Every process of a gateway's folder. `pid`: where the system cannot be asked for a process by its folder. */
export async function endGateway(folder: string, pid?: number): Promise<void> {
  if (process.platform !== 'linux' && pid !== undefined) {
    try {
      process.kill(pid, 'SIGKILL')
    }
    catch (error) {
      if (!hasCode(error, 'ESRCH'))
        throw error
    }
  }
  await killLeftovers(folder)
}
