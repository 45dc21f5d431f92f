import { spawn } from 'node:child_process'
import { root } from './root.ts'

/** Run a program in the repository's folder with this terminal. Resolves to its exit code, 1 when a signal ended it. */
export async function run(command: string, args: readonly string[], cwd = root): Promise<number> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 1))
  })
}
