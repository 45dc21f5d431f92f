import type { Context } from './bench.ts'
import type { BenchServer } from './server.ts'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dataOf } from '@howdah/testkit'
import { connectionOf } from './connect.ts'
import { runPgbench } from './pgbench.ts'

const run = promisify(execFile)

/** Of pgbench: some 15 MB each. */
const scale = 100

export interface FilledDatabase {
  readonly uri: string
  /** Data folder of its server. */
  readonly data: string
}

/** A database named `source` with 1.5 GB of pgbench's rows. `settings`: of its spec, beside that. */
export async function filledDatabase({ isQuick, note, say }: Context, server: BenchServer, settings: Readonly<Record<string, unknown>> = {}): Promise<FilledDatabase> {
  const { id } = await server.api<{ id: string }>('POST', '/api/databases', { name: 'source', backup: { schedule: null }, ...settings })
  const { formats: { uri } } = await connectionOf(server, 'source')
  say('filling the database')
  await runPgbench(uri, '--initialize', '--quiet', `--scale=${isQuick ? 5 : scale}`)
  const data = await dataOf(server.dataDir, id)
  const { stdout } = await run('du', ['-sm', join(data, 'base')])
  note(`the database has ${Number.parseInt(stdout)} MB`)
  return { uri, data }
}
