import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import type { Account } from './account.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { asAccount } from './account.ts'
import { serverEnvironment } from './server-environment.ts'

/** A shell that has nothing to do is kept this long. */
const lingerMs = 10_000

export interface Shell {
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Socket
}

interface Options {
  /** Give way to everything else on the machine. */
  readonly isBackground?: boolean
  /** Hears of each shell that is started. */
  readonly started?: (shell: Shell) => void
}

/**
 * A shell as an account that runs `loop` for each command, whose words are then its parameters. For a fork the system
 * copies the tables of our whole memory, ten milliseconds and more in which this process answers nobody; a shell forks
 * in one. Words come to it as data, never as text of a program.
 */
export class StayingShell {
  readonly #account: Account | undefined
  readonly #program: string
  readonly #options: Options
  #shell: Promise<Shell> | undefined
  #lingering: NodeJS.Timeout | undefined

  constructor(account: Account | undefined, loop: string, options: Options = {}) {
    this.#account = account
    // How many words a command has, then the words, one a line.
    this.#program = `
while IFS= read -r words; do
  set --
  while [ "$words" -gt 0 ]; do
    IFS= read -r word
    set -- "$@" "$word"
    words=$((words - 1))
  done
  ${loop}
done`
    this.#options = options
  }

  /** Start it, for a command that will come. */
  async begin(): Promise<void> {
    await this.#open()
  }

  /** Give it a command, and let it go a while after it had the last one. */
  async tell(words: readonly string[]): Promise<Shell> {
    if (words.some(word => /[\n\0]/.test(word)))
      throw new Error('a word of a command holds a line break')
    clearTimeout(this.#lingering)
    const shell = await this.#open()
    shell.stdin.write(`${words.length}\n${words.join('\n')}\n`)
    return shell
  }

  /** It has nothing to do. */
  linger(): void {
    clearTimeout(this.#lingering)
    this.#lingering = setTimeout(() => this.rest(), lingerMs).unref()
  }

  /** Let the shell go when it has done what it was told; the next command starts another. */
  rest(): void {
    clearTimeout(this.#lingering)
    void this.#shell?.then(({ stdin }) => stdin.end(), () => undefined)
    this.#shell = undefined
  }

  async #open(): Promise<Shell> {
    if (this.#shell)
      return await this.#shell
    const opening = this.#start(() => {
      if (this.#shell === opening)
        this.#shell = undefined
    })
    this.#shell = opening
    return await opening
  }

  async #start(ended: () => void): Promise<Shell> {
    // A session of its own: what it runs does not end with a Ctrl-C that is meant for us.
    const child = spawn('/bin/sh', ['-c', this.#program], { ...asAccount(this.#account), cwd: '/', detached: true, env: serverEnvironment, stdio: ['pipe', 'pipe', 'ignore'] })
    child.once('error', ended)
    child.once('exit', ended)
    await once(child, 'spawn')
    const { pid, stdin, stdout } = child
    if (pid === undefined)
      throw new Error('a shell was started without a pid')
    if (this.#options.isBackground)
      setPriority(pid, constants.priority.PRIORITY_LOW)
    // That it has ended shows at the other pipe.
    stdin.on('error', () => {})
    child.unref()
    const shell = { pid, stdin, stdout: stdout as Socket } // a pipe of a child is one
    this.#options.started?.(shell)
    return shell
  }
}
