import type { Account } from '../account.ts'
import type { Binaries } from '../binaries.ts'
import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { maintenanceDatabase } from '@howdah/postgres'
import { asAccount } from '../account.ts'
import { serverEnvironment } from '../server-environment.ts'

/**
 * Run statements on a stopped data folder as PostgreSQL's single-user mode does: nobody needs a password, and nobody else
 * can come. One statement per line; they come in by a pipe, so that no secret is in an argument. Nothing is synced. `archives`: WAL that is
 * not archived yet stays.
 */
export async function inSingleUserMode(binaries: Binaries, account: Account | undefined, data: string, statements: readonly string[], archives = false): Promise<void> {
  const child = spawn(join(binaries.bin, 'postgres'), ['--single', '-D', data, '-c', 'log_min_error_statement=panic', '-c', 'fsync=off', ...archives ? ['-c', 'archive_mode=on'] : [], maintenanceDatabase], {
    ...asAccount(account),
    cwd: '/',
    env: serverEnvironment,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  child.stdin.on('error', () => {}) // its end says more than that it no longer listens
  child.stdin.end(statements.map(statement => `${statement.replaceAll(/\s*\n\s*/g, ' ')}\n`).join(''))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', reject)
  })
  const complaint = /^.*(?:ERROR|FATAL|PANIC): .*$/m.exec(Buffer.concat(said).toString())?.[0]
  if (code !== 0 || complaint !== undefined)
    throw new Error(`single-user mode ended with ${code}: ${complaint ?? 'no word'}`)
}
