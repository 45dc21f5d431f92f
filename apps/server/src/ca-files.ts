import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Keeps the certificates of the locations' authorities as files that everybody on this machine can read, so that a
 * connection string works as it is. Written once per certificate and process.
 */
export function caFiles(dataDir: string): (location: string, caCertificate: string) => string {
  const folder = join(dataDir, 'ca')
  const written = new Map<string, string>()
  return (location, caCertificate) => {
    const hash = createHash('sha256').update(caCertificate).digest('hex').slice(0, 12)
    const known = written.get(hash)
    if (known)
      return known
    const path = join(folder, `${location}-${hash}.crt`)
    // Another process of this installation may write the same file now.
    const draft = `${path}.${randomBytes(6).toString('hex')}`
    mkdirSync(folder, { recursive: true })
    writeFileSync(draft, caCertificate, { flag: 'wx' })
    // Whatever our umask says: others have to read it.
    chmodSync(folder, 0o755)
    chmodSync(draft, 0o644)
    renameSync(draft, path)
    written.set(hash, path)
    return path
  }
}
