import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder that other accounts may enter, because PostgreSQL does not run as root. `remove` deletes all of it. */
export async function temporaryFolder(): Promise<{ path: string, remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'howdah-test-'))
  await chmod(path, 0o755)
  return {
    path,
    remove: async () => await rm(path, { recursive: true, force: true, maxRetries: 5 }),
  }
}
