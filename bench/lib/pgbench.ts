import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { pgbench } from '../../tools/needs/postgresql-clients.ts'

const run = promisify(execFile)

/** What pgbench says. The password of `address` reaches it where other accounts do not see it. */
export async function runPgbench(address: string, ...options: readonly string[]): Promise<string> {
  const uri = new URL(address)
  const env = { ...process.env, PGPASSWORD: decodeURIComponent(uri.password) }
  uri.password = ''
  return (await run(await pgbench(), [...options, uri.href], { env })).stdout
}
