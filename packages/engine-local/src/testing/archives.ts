import type { ArchiveOptions } from '../archive-site.ts'
import { Buffer } from 'node:buffer'
import { hkdfSync } from 'node:crypto'
import { join } from 'node:path'

/** Archives in a folder, with keys that come from one secret as an installation's do. */
export function testArchives(dataDir: string, secret = 'secret of the tests'): ArchiveOptions {
  return {
    store: { kind: 'folder', path: join(dataDir, 'backups') },
    keys: purpose => [Buffer.from(hkdfSync('sha256', secret, '', purpose, 32))],
  }
}
