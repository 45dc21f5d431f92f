import type { Account } from './account.ts'
import process from 'node:process'
import { Mutex } from './mutex.ts'
import { StayingShell } from './staying-shell.ts'

/** Says what the command said and, between two NULs, how it ended. */
const loop = `
  "$@" </dev/null 2>&1
  printf '\\000%d\\000' "$?"`

/** A program, and its arguments. */
export type Command = readonly [program: string, args: readonly string[]]

/** Before the words of each command it is said how many they are. It ends when all of them have, with what one of them failed with. */
const together = 'pids=; while [ "$#" -gt 0 ]; do n=$1; shift; (i=0; for word do shift; [ "$i" -lt "$n" ] && set -- "$@" "$word"; i=$((i + 1)); done; exec "$@") & pids="$pids $!"; shift "$n"; done; end=0; for pid in $pids; do wait "$pid" || end=$?; done; exit "$end"'

/** Have some done now, while somebody waits. `signal`: whoever calls it off. */
export async function runErrands<T>(account: Account | undefined, work: (errands: Errands) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const errands = new Errands(account, false)
  const callOff = (): void => errands.end()
  signal?.addEventListener('abort', callOff)
  try {
    return await work(errands)
  }
  finally {
    signal?.removeEventListener('abort', callOff)
    errands.rest()
  }
}

/** Runs programs one after the other as an account, from a shell that stays. */
export class Errands {
  readonly #shell: StayingShell
  readonly #turns = new Mutex()
  #pid: number | undefined
  #isEnded = false

  /** `isBackground`: give way to everything else on the machine. */
  constructor(account: Account | undefined, isBackground: boolean) {
    this.#shell = new StayingShell(account, loop, { isBackground })
  }

  /** Fails with what the program said when it does not end with 0, also when it was ended by `end`. */
  async run(program: string, args: readonly string[]): Promise<void> {
    await this.#turns.run(async () => {
      if (this.#isEnded)
        throw new Error(`${program} is not run any more`)
      const { said, status } = await this.#ask([program, ...args])
      this.#shell.linger()
      if (status !== 0)
        throw new Error(`${program} ended with ${status ?? 'a signal'}: ${said.trim()}`)
    })
  }

  /** All at a time, for several processors. All have ended when it resolves. */
  async runTogether(commands: readonly Command[]): Promise<void> {
    await this.run('/bin/sh', ['-c', together, 'sh', ...commands.flatMap(([program, args]) => [String(args.length + 1), program, ...args])])
  }

  /** Have the shell ready when the first errand comes. */
  begin(): void {
    // Who runs something hears of what is wrong.
    this.#shell.begin().catch(() => {})
  }

  /** Let the shell go when it has done what it was asked; the next errand starts another. */
  rest(): void {
    this.#shell.rest()
  }

  /** End what runs, and begin nothing more. */
  end(): void {
    this.#isEnded = true
    this.rest()
    if (this.#pid === undefined)
      return
    try {
      process.kill(-this.#pid, 'SIGTERM')
    }
    catch {
      // It has ended by itself.
    }
  }

  async #ask(words: readonly string[]): Promise<{ said: string, status: number | undefined }> {
    const { pid, stdout } = await this.#shell.tell(words)
    this.#pid = pid
    let said = ''
    for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
      said += String(chunk)
      const end = /\0(\d+)\0$/.exec(said)
      if (end)
        return { said: said.slice(0, end.index), status: Number(end[1]) }
    }
    this.#shell.rest()
    return { said, status: undefined }
  }
}
