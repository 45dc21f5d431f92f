import { spawn } from 'node:child_process'
import process from 'node:process'

interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Run a program to its end and answer what it wrote to standard output; throw with what it wrote to standard error when it failed. */
export async function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let output = ''
    let complaint = ''
    child.stdout.on('data', text => output += text)
    child.stderr.on('data', text => complaint += text)
    // A program that ends without reading all of its input has said why in its exit code.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.once('error', reject)
    child.once('close', code => code === 0
      ? resolve(output)
      : reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${complaint.trim().split('\n').slice(-20).join('\n')}`)))
  })
}

/** The same where failing is an answer. */
export async function succeeds(program: string, args: readonly string[], options: CommandOptions = {}): Promise<boolean> {
  return await command(program, args, options).then(() => true, () => false)
}
