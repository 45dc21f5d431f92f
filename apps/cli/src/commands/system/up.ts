import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { defineCommand } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { given } from '../../given.ts'
import { option, text } from '../../input/parameters.ts'
import { integer } from '../../input/values.ts'
import { serverProgram } from '../../server-program.ts'

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
    const entry = serverProgram()
    const env = { ...terminal.env, ...given({ HOWDAH_PORT: port?.toString(), HOWDAH_HOST: host, HOWDAH_DATA_DIR: dataDir }) }
    // This process becomes the server, so that signals and exit code are the server's own.
    if (process.execve)
      process.execve(process.execPath, [process.execPath, entry], given(env))
    const { status } = spawnSync(process.execPath, [entry], { env, stdio: 'inherit' })
    return status ?? exitCodes.failed[0]
  },
})
