import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { logFiles } from './logs.ts'

/** What one database may keep of its log. PostgreSQL begins a new file every 10 MB and every day. */
const mostBytes = 100 * 1024 * 1024

/** Remove the oldest files beyond the limit; never the one that is being written. */
export async function pruneLogs(folder: string): Promise<void> {
  const files = await logFiles(folder)
  let sum = 0
  for (const [index, name] of files.reverse().entries()) {
    const path = join(folder, name)
    sum += (await stat(path)).size
    if (index === 0 || sum <= mostBytes)
      continue
    await rm(path, { force: true })
    // The collector keeps a file beside it for what is not structured.
    await rm(path.replace(/\.(?:json|csv)$/, '.log'), { force: true })
  }
}
