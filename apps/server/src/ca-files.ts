import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
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
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    writeFileSync(`${path}.new`, caCertificate, { mode: 0o644 })
    renameSync(`${path}.new`, path)
    written.set(hash, path)
    return path
  }
}
