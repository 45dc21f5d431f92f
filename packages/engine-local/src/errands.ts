import type { ChildProcess } from 'node:child_process'
import type { Account } from './account.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import process from 'node:process'
import { asAccount } from './account.ts'
import { Mutex } from './mutex.ts'
import { serverEnvironment } from './process.ts'

/** Reads how many words a command has, then the words, one a line; says what the command said and, between two NULs, how it ended. */
const shell = `
while IFS= read -r words; do
  set --
  while [ "$words" -gt 0 ]; do
    IFS= read -r word
    set -- "$@" "$word"
    words=$((words - 1))
  done
  "$@" </dev/null 2>&1
  printf '\\000%d\\000' "$?"
done`

/** A shell that has nothing to do is kept this long. */
const lingerMs = 10_000

/** Have some done now, while somebody waits. */
export async function runErrands<T>(account: Account | undefined, work: (errands: Errands) => Promise<T>): Promise<T> {
  const errands = new Errands(account, false)
  try {
    return await work(errands)
  }
  finally {
    errands.rest()
  }
}

/**
 * Runs programs one after the other as an account, from a shell that stays: for a fork the system copies the tables of
 * our whole memory, ten milliseconds and more in which this process answers nobody; a shell forks in one. Words come to
 * it as data, never as text of a program.
 */
export class Errands {
  readonly #account: Account | undefined
  readonly #isBackground: boolean
  readonly #turns = new Mutex()
  #shell: ChildProcess | undefined
  #lingering: NodeJS.Timeout | undefined
  #isEnded = false

  /** `isBackground`: give way to everything else on the machine. */
  constructor(account: Account | undefined, isBackground: boolean) {
    this.#account = account
    this.#isBackground = isBackground
  }

  /** Fails with what the program said when it does not end with 0, also when it was ended by `end`. */
  async run(program: string, args: readonly string[]): Promise<void> {
    const words = [program, ...args]
    if (words.some(word => /[\n\0]/.test(word)))
      throw new Error('a word of a command holds a line break')
    await this.#turns.run(async () => {
      if (this.#isEnded)
        throw new Error(`${program} is not run any more`)
      clearTimeout(this.#lingering)
      const { said, status } = await this.#ask(`${words.length}\n${words.join('\n')}\n`)
      this.#lingering = setTimeout(() => this.rest(), lingerMs).unref()
      if (status !== 0)
        throw new Error(`${program} ended with ${status ?? 'a signal'}: ${said.trim()}`)
    })
  }

  /** Let the shell go when it has done what it was asked; the next errand starts another. */
  rest(): void {
    clearTimeout(this.#lingering)
    this.#shell?.stdin?.end()
    this.#shell = undefined
  }

  /** End what runs, and begin nothing more. */
  end(): void {
    this.#isEnded = true
    const pid = this.#shell?.pid
    this.rest()
    if (pid === undefined)
      return
    try {
      process.kill(-pid, 'SIGTERM')
    }
    catch {
      // It has ended by itself.
    }
  }

  async #ask(command: string): Promise<{ said: string, status: number | undefined }> {
    const shell = this.#shell ??= await this.#start()
    const { stdin, stdout } = shell
    if (!stdin || !stdout)
      throw new Error('a shell was started without its pipes')
    let said = ''
    stdin.write(command)
    for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
      said += String(chunk)
      const end = /\0(\d+)\0$/.exec(said)
      if (end)
        return { said: said.slice(0, end.index), status: Number(end[1]) }
    }
    if (this.#shell === shell)
      this.#shell = undefined
    return { said, status: undefined }
  }

  async #start(): Promise<ChildProcess> {
    // A group of its own: what it runs ends with it, and not with a Ctrl-C that is meant for us.
    const child = spawn('/bin/sh', ['-c', shell], { ...asAccount(this.#account), cwd: '/', detached: true, env: serverEnvironment, stdio: ['pipe', 'pipe', 'ignore'] })
    await once(child, 'spawn')
    if (this.#isBackground && child.pid !== undefined)
      setPriority(child.pid, constants.priority.PRIORITY_LOW)
    // That it has ended shows at the other pipe.
    child.stdin.on('error', () => {})
    child.unref()
    return child
  }
}
