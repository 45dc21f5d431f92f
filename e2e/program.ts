import { spawn } from 'node:child_process'
import process from 'node:process'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface ProgramOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** True: `env` is all it gets. */
  readonly isWholeEnvironment?: boolean
}

/** Run a program to its end. */
export async function program(command: string, args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.isWholeEnvironment ? options.env : { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', text => stdout += text)
    child.stderr.on('data', text => stderr += text)
    child.once('error', reject)
    child.once('close', code => resolve({ code: code ?? 1, stdout, stderr }))
  })
}
