import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { defineCommand } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { given } from '../../given.ts'
import { hasCode } from '../../has-code.ts'
import { option, text } from '../../input/parameters.ts'
import { integer } from '../../input/values.ts'
import { UsageError } from '../../usage-error.ts'

/** The server hashes passwords with argon2 of node:crypto, which came with this one. */
const oldestNode = [24, 7] as const

export const up = defineCommand({
  summary: 'Start a Howdah server on this machine',
  description: 'API, workers and PostgreSQL in one; it runs until Ctrl-C. The environment configures it: HOWDAH_DATA_DIR and others.',
  examples: ['howdah up', 'howdah up --port 9000 --data-dir ./data'],
  parameters: {
    port: option('--port <port>', 'port of the API (HOWDAH_PORT; default: 8080)', integer),
    host: text('--host <address>', 'address that it listens on (HOWDAH_HOST; default: 127.0.0.1)'),
    dataDir: text('--data-dir <folder>', 'all its state (HOWDAH_DATA_DIR)'),
  },
  async run({ terminal }, { port, host, dataDir }) {
    const entry = serverEntry()
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
    if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]))
      throw new UsageError(`The server needs Node ${oldestNode.join('.')} or newer; this is ${process.versions.node}`, 'Get a current one: https://nodejs.org/en/download')
    const env = { ...terminal.env, ...given({ HOWDAH_PORT: port?.toString(), HOWDAH_HOST: host, HOWDAH_DATA_DIR: dataDir }) }
    // This process becomes the server, so that signals and exit code are the server's own.
    if (process.execve)
      process.execve(process.execPath, [process.execPath, entry], given(env))
    const { status } = spawnSync(process.execPath, [entry], { env, stdio: 'inherit' })
    return status ?? exitCodes.failed[0]
  },
})

/** The server's program: the workspace's, or the package that is installed beside this one. */
function serverEntry(): string {
  try {
    return fileURLToPath(import.meta.resolve('@howdah/server'))
  }
  catch (error) {
    if (!hasCode(error, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'))
      throw error
    throw new UsageError('The server is not installed beside this command', 'Install it: npm install @howdah/server')
  }
}
