import type { Account } from './account.ts'
import type { Shell } from './staying-shell.ts'
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { StayingShell } from './staying-shell.ts'
import { within } from './within.ts'

export interface Launched {
  readonly pid: number
  /** Settles when the server exits while we live. */
  readonly exited: Promise<void>
}

interface Launch {
  readonly folder: string
  /** A file that the account may write to. */
  readonly log: string
  readonly command: readonly string[]
}

interface Server {
  readonly started: PromiseWithResolvers<void>
  readonly exited: PromiseWithResolvers<void>
  pid?: number
}

/** A shell for each server tells of its end, and takes notice of it for the system, also when we live no longer. */
const loop = `
  (
    id=$1 folder=$2 log=$3
    shift 3
    (cd "$folder" && exec "$@") </dev/null >>"$log" 2>&1 &
    printf '%s started %d\\n' "$id" "$!"
    wait "$!"
    printf '%s ended\\n' "$id"
  ) &`

const startsWithinMs = 10_000

/** Starts servers as an account, which outlive us. */
class Launcher {
  readonly #shell: StayingShell
  readonly #servers = new Map<string, Server>()

  constructor(account: Account | undefined) {
    this.#shell = new StayingShell(account, loop, { started: shell => this.#listen(shell) })
  }

  /** Have the shell ready when a server is to be launched soon. */
  begin(): void {
    // Whoever launches hears of what is wrong.
    this.#shell.begin().catch(() => {})
    this.#shell.linger()
  }

  async launch({ command, folder, log }: Launch): Promise<Launched> {
    const id = randomBytes(6).toString('hex')
    const server: Server = { started: Promise.withResolvers(), exited: Promise.withResolvers() }
    this.#servers.set(id, server)
    try {
      await this.#shell.tell([id, folder, log, ...command])
      await within(startsWithinMs, server.started.promise)
      if (server.pid === undefined)
        throw new Error(`${command[0]} was not started within ${startsWithinMs / 1000} s`)
      return { pid: server.pid, exited: server.exited.promise }
    }
    catch (error) {
      this.#servers.delete(id)
      throw error
    }
    finally {
      this.#shell.linger()
    }
  }

  #listen({ stdout }: Shell): void {
    // What servers do is no reason to live on.
    stdout.unref()
    createInterface({ input: stdout }).on('line', (line) => {
      const [id = '', news, pid] = line.split(' ')
      const server = this.#servers.get(id)
      if (server && news === 'started') {
        server.pid = Number(pid)
        server.started.resolve()
      }
      else {
        server?.exited.resolve()
        this.#servers.delete(id)
      }
    })
  }
}

const launchers = new Map<number | undefined, Launcher>()

/** The one of this process for an account. */
export function launcherOf(account: Account | undefined): Launcher {
  const launcher = launchers.get(account?.uid) ?? new Launcher(account)
  launchers.set(account?.uid, launcher)
  return launcher
}
