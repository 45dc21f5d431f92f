import type { Account } from './account.ts'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { EngineError } from '@howdah/engine'
import { makeFolder } from './files.ts'

/** Bytes that every kernel allows for the path of a Unix socket: 103 on macOS, 107 on Linux. */
const longestSocketPath = 103

/**
 * A folder for the Unix socket of one server, open to its account only. In the data directory where the path is short
 * enough for the kernel, else under the system's folder for temporary files.
 */
export async function socketFolderFor(dataDir: string, id: string, account: Account | undefined): Promise<string> {
  const short = digest(id)
  const near = join(dataDir, 'run', short)
  if (Buffer.byteLength(join(near, '.s.PGSQL.65535')) <= longestSocketPath) {
    await makeFolder(join(dataDir, 'run'), 0o755)
    await makeFolder(near, 0o700, account)
    return near
  }
  const base = join(tmpdir(), `howdah-${digest(dataDir)}`)
  await makeFolder(base, 0o755)
  await refuseStranger(base)
  const far = join(base, short)
  await makeFolder(far, 0o700, account)
  return far
}

/** In a folder where everyone may create names, ours could have been taken first. */
async function refuseStranger(folder: string): Promise<void> {
  const found = await lstat(folder)
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new EngineError('unavailable', `${folder} belongs to someone else; remove it or choose a shorter data directory.`)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
