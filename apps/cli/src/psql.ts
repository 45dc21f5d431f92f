import type { Connection } from '@howdah/sdk'
import type { Context } from './context.ts'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { hasCode } from '@howdah/machine'
import { UsageError } from './usage-error.ts'

/** Run psql on a connection; the answer is its exit code. */
export async function runPsql(context: Context, connection: Connection, words: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'howdah-psql-'))
  const ca = join(folder, 'ca.pem')
  // psql answers Ctrl-C itself, by cancelling the query that runs.
  const ignore = (): void => {}
  process.on('SIGINT', ignore)
  try {
    await writeFile(ca, connection.tls.caCertificate, { mode: 0o600 })
    return await child(words, {
      ...context.terminal.env,
      PGHOST: connection.host,
      PGPORT: String(connection.port),
      PGDATABASE: connection.database,
      PGUSER: connection.user,
      PGPASSWORD: connection.password,
      PGSSLMODE: connection.tls.mode,
      PGSSLROOTCERT: ca,
      ...connection.tls.sslNegotiation === undefined ? {} : { PGSSLNEGOTIATION: connection.tls.sslNegotiation },
    })
  }
  catch (error) {
    if (!hasCode(error, 'ENOENT'))
      throw error
    throw new UsageError(`psql is not installed on this machine. Without it, connect with:\n${connection.formats.uri}`, `Get it with: ${howToGetPsql()}`)
  }
  finally {
    process.off('SIGINT', ignore)
    await rm(folder, { recursive: true, force: true })
  }
}

function child(words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    spawn('psql', words, { env, stdio: 'inherit' })
      .once('error', reject)
      .once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

function howToGetPsql(): string {
  if (process.platform === 'darwin')
    return 'brew install libpq && brew link --force libpq'
  if (process.platform === 'win32')
    return 'winget install PostgreSQL.PostgreSQL'
  return 'sudo apt install postgresql-client (Debian, Ubuntu), sudo dnf install postgresql (Fedora), sudo apk add postgresql-client (Alpine)'
}
