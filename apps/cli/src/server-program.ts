import type { Terminal } from './terminal.ts'
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { hasCode } from '@howdah/machine'
import { UsageError } from './usage-error.ts'

/** The server hashes passwords with argon2 of node:crypto, which came with this one. */
const oldestNode = [24, 7] as const

/** The server's program: the workspace's, or the package that is installed beside this one. */
export function serverProgram(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]))
    throw new UsageError(`The server needs Node ${oldestNode.join('.')} or newer; this is ${process.versions.node}`, 'Get a current one: https://nodejs.org/en/download')
  try {
    return fileURLToPath(import.meta.resolve('@howdah/server'))
  }
  catch (error) {
    if (!hasCode(error, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'))
      throw error
    throw new UsageError('The server is not installed beside this command', 'Install it: npm install @howdah/server')
  }
}

/** Let the server's program look into archives. It knows their form; nothing of a control plane has to run, or be there any more. */
export function askArchives<Answer>({ env }: Terminal, words: readonly string[], options: Readonly<Record<string, string | boolean | undefined>>): Answer {
  const flags = Object.entries(options).flatMap(([name, value]) => value === undefined || value === false ? [] : value === true ? [`--${name}`] : [`--${name}`, value])
  const { status, stdout } = spawnSync(process.execPath, [serverProgram(), 'archive', ...words, ...flags], { env: { PATH: env.PATH, HOME: env.HOME }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 28 })
  if (status === 0)
    return JSON.parse(stdout) as Answer // written by the program of the same release
  const { error } = JSON.parse(stdout || '{ "error": "The archives could not be read" }') as { error: string }
  throw new UsageError(error)
}
