import { spawn } from 'node:child_process'
import process from 'node:process'
import { root } from './root.ts'

interface RunOptions {
  readonly cwd?: string
  /** Beside what this process has. */
  readonly env?: Readonly<Record<string, string>>
}

/** Run a program in the repository's folder with this terminal. Resolves to its exit code, 1 when a signal ended it. */
export async function run(command: string, args: readonly string[], { cwd = root, env = {} }: RunOptions = {}): Promise<number> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 1))
  })
}
